//! A private desktop for tests that use a real window: a display (Xvfb), a D-Bus session and its
//! accessibility bus. Keys and clicks come from xdotool, texts are read as a screen reader reads them.
//! Linux only, as these tools are.

mod notices;
mod portal;
mod process;
mod sight;
mod tree;
mod window;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder};

use crate::{DEADLINE, is_installed, skip, until};
pub use notices::{Notices, Shown};
pub use portal::Portal;
use process::{Process, dying_with_us};
pub use sight::Cover;
use sight::Sight;
use tree::Bus;
pub use window::Window;

/// The programs that a desktop is made of.
const TOOLS: [&str; 4] = ["Xvfb", "dbus-daemon", "xdotool", "setpriv"];

/// A private display, session bus and accessibility bus; all end when it is dropped. To be started in
/// the thread that uses it: its programs end with that thread.
#[derive(Debug)]
pub struct Desktop {
    // Dropped in this order: the connection, then the processes, then the files.
    bus: Bus,
    _dbus: Process,
    _xvfb: Process,
    display: String,
    session: String,
    dir: TempDir,
}

impl Desktop {
    /// Starts a desktop of this size in pixels. Where a tool is missing the test is to be skipped, which is said on stderr;
    /// see [`skip`].
    pub fn start([width, height]: [u32; 2]) -> Option<Self> {
        if let Some(missing) = TOOLS.iter().find(|tool| !is_installed(tool)) {
            skip(&format!("{missing} is not installed"));
            return None;
        }
        let dir = tempfile::Builder::new().prefix("desktop-").tempdir().expect("a folder can be made");
        let mut xvfb = dying_with_us("Xvfb");
        xvfb.args(["-displayfd", "1", "-nolisten", "tcp"]);
        xvfb.args(["-screen", "0", &format!("{width}x{height}x24")]);
        // Without this it starts anew whenever its last client leaves.
        xvfb.arg("-noreset");
        let (xvfb, number) = Process::start_and_read_line(dir.path(), &mut xvfb);
        let display = format!(":{number}");

        let socket = dir.path().join("session-bus");
        let mut dbus = dying_with_us("dbus-daemon");
        dbus.args(["--session", "--nofork", "--nosyslog", "--print-address=1"])
            .arg(format!("--address=unix:path={}", socket.display()));
        // It starts the accessibility services, in its own environment.
        isolate(&mut dbus, dir.path(), dir.path(), &display);
        let (dbus, session) = Process::start_and_read_line(dir.path(), &mut dbus);

        let bus = Bus::connect(&session).expect("at-spi2-core is installed");
        Some(Self { bus, _dbus: dbus, _xvfb: xvfb, display, session, dir })
    }

    /// Starts a program with a window, as the user `user`, who has a home folder of its own.
    pub fn open(&self, user: &str, command: &mut Command) -> Window<'_> {
        Window::of(self, self.start_as(user, command))
    }

    /// Starts a program with a window as the user `user` where there is no window yet, and ends it. Gives how
    /// long it took until something was in sight.
    pub fn time_to_window(&self, user: &str, command: &mut Command) -> Duration {
        let sight = Sight::of(&self.display).expect("the display");
        let has_window = || sight.has_window().expect("the display answers");
        until(|| (!has_window()).then_some(())).expect("a display without windows");
        let begun = Instant::now();
        let process = self.start_as(user, command);
        while !has_window() {
            assert!(begun.elapsed() < DEADLINE, "waited for a window; its log:\n{}", process.log());
            thread::sleep(Duration::from_millis(1));
        }
        begun.elapsed()
    }

    fn start_as(&self, user: &str, command: &mut Command) -> Process {
        let home = self.home(user);
        std::fs::create_dir_all(&home).expect("a folder can be made");
        isolate(command, &home, self.dir.path(), &self.display);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.session);
        Process::start(self.dir.path(), command)
    }

    /// Takes the notifications of all programs from now on.
    pub fn notices(&self) -> Notices {
        Notices::take(&self.session).expect("nobody else takes them")
    }

    /// Opens the portal that tells whether the system is dark or light. It is dark.
    pub fn portal(&self) -> Portal {
        Portal::open(&self.session).expect("there is no other portal")
    }

    /// Covers all windows.
    pub fn cover(&self) -> Cover {
        Cover::over(&self.display).expect("the display")
    }

    /// The home folder of this user.
    pub fn home(&self, user: &str) -> PathBuf {
        self.dir.path().join(user)
    }

    /// Saves the whole screen as a PNG file.
    pub fn screenshot(&self, path: &Path) {
        let (x11, screen) = x11rb::connect(Some(&self.display)).expect("the display");
        let screen = &x11.setup().roots[screen];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        assert_eq!(x11.setup().image_byte_order, ImageOrder::LSB_FIRST);
        let image = x11
            .get_image(ImageFormat::Z_PIXMAP, screen.root, 0, 0, width, height, !0)
            .expect("a request")
            .reply()
            .expect("the screen's pixels");
        // Depth 24 has 32 bits a pixel: blue, green, red, unused.
        let rgb: Vec<u8> = image.data.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0]]).collect();
        let file = File::create(path).expect("a file for the screenshot");
        let mut encoder = png::Encoder::new(file, width.into(), height.into());
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().expect("a PNG header");
        writer.write_image_data(&rgb).expect("PNG data");
        writer.finish().expect("a whole PNG file");
    }

    /// Gives every letter of `text` a key of its own, for good.
    ///
    /// xdotool would bind a missing letter to a spare key only while it presses that key, and
    /// a program that is slower than this sees the key when it means nothing any more.
    fn teach(&self, text: &str) {
        let (x11, _) = x11rb::connect(Some(&self.display)).expect("the display");
        let (min, max) = (x11.setup().min_keycode, x11.setup().max_keycode);
        let map = x11.get_keyboard_mapping(min, max - min + 1).expect("a request");
        let map = map.reply().expect("the keyboard");
        let per_key = usize::from(map.keysyms_per_keycode);
        let mut known = map.keysyms.clone();
        let keys = (min..=max).zip(map.keysyms.chunks(per_key));
        let mut free = keys.filter(|(_, syms)| syms.iter().all(|sym| *sym == 0)).map(|(key, _)| key);
        for letter in text.chars().filter(|letter| !letter.is_control()) {
            let code = u32::from(letter);
            let sym = if code < 0x100 { code } else { 0x0100_0000 | code };
            if !known.contains(&sym) {
                known.push(sym);
                let key = free.next().expect("a spare key");
                let syms = vec![sym; per_key];
                x11.change_keyboard_mapping(1, key, map.keysyms_per_keycode, &syms)
                    .expect("a request")
                    .check()
                    .expect("a key for a letter");
            }
        }
    }

    fn xdotool(&self, args: &[&str]) -> Result<String, String> {
        let output = Command::new("xdotool")
            .args(args)
            .env("DISPLAY", &self.display)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("xdotool");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(format!("xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr)))
        }
    }
}

/// The environment of everything on the desktop: nothing of the user's own session.
fn isolate(command: &mut Command, home: &Path, run: &Path, display: &str) {
    for name in [
        "WAYLAND_DISPLAY",
        "WAYLAND_SOCKET",
        "XAUTHORITY",
        "XMODIFIERS",
        "AT_SPI_BUS_ADDRESS",
        "DBUS_SESSION_BUS_ADDRESS",
        "DBUS_STARTER_ADDRESS",
        "NO_AT_BRIDGE",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
    ] {
        command.env_remove(name);
    }
    command
        .env("DISPLAY", display)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", run)
        // Switching accessibility on must not be written to the user's settings.
        .env("GSETTINGS_BACKEND", "memory")
        .env("GIO_USE_VFS", "local")
        .env("LC_ALL", "C.UTF-8")
        .env("WINIT_X11_SCALE_FACTOR", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("WGPU_BACKEND", "vulkan");
}
