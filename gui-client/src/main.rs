//! `chat-client`: flags, and a window around [`ChatApp`]. Knows renderers; everything else is in the
//! library.

// A console window beside the real one would puzzle people; a debug build keeps it for its log.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::anyhow;
use argh::FromArgs;
use chat_client::app::{ChatApp, Options};
use chat_client::book::{self, Book};
use chat_client::clock::Clock;
use chat_client::net::Trust;
use chat_client::{host, icon, notify, settings, store, theme};
use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;

/// What is logged unless `RUST_LOG` says otherwise: less of what warns of ordinary things.
const LOG: &str = "warn,wgpu_hal=error,wgpu_core=error,sctk=error,egui_system_font_provider=error";

/// A window into one chat room.
#[derive(FromArgs)]
struct Args {
    /// the room to enter at once: a host, with or without a port; or several, with commas between them; or an
    /// invite that begins with oneroom://
    #[argh(positional)]
    address: Option<String>,

    /// the name to enter it under (default: the one used last)
    #[argh(option)]
    name: Option<String>,

    /// wgpu or glow (default: wgpu, and glow where wgpu cannot start)
    #[argh(option)]
    renderer: Option<Choice>,
}

#[derive(Debug, Clone, Copy)]
struct Choice(Renderer);

impl FromStr for Choice {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "wgpu" => Ok(Self(Renderer::Wgpu)),
            "glow" => Ok(Self(Renderer::Glow)),
            _ => Err("it must be wgpu or glow".to_owned()),
        }
    }
}

fn main() -> ExitCode {
    let log = env_logger::Env::default().default_filter_or(LOG);
    env_logger::Builder::from_env(log).init();
    match run(&argh::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat-client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let open = |renderer| open_window(args, renderer);
    let error = match args.renderer {
        Some(Choice(renderer)) => open(renderer).err().map(|error| words(&error)),
        None => match open(Renderer::Wgpu) {
            Ok(()) => None,
            // No renderer helps where there is no screen.
            Err(error @ eframe::Error::WinitEventLoop(_)) => Some(words(&error)),
            Err(error) => {
                log::warn!("wgpu cannot start, so glow is tried: {error}");
                open(Renderer::Glow)
                    .err()
                    .map(|glow| format!("{}, and with OpenGL: {}", words(&error), words(&glow)))
            }
        },
    };
    error.map_or(Ok(()), |error| Err(anyhow!("the window could not be opened: {error}")))
}

/// What went wrong, for a person; the particulars go to the log.
fn words(error: &eframe::Error) -> String {
    log::debug!("{error:?}");
    match error {
        eframe::Error::WinitEventLoop(_) => {
            "there is no screen to open it on; is a desktop session running?".to_owned()
        }
        eframe::Error::Wgpu(_) => "no graphics driver for wgpu works here".to_owned(),
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
            "no graphics driver for OpenGL 2.1 or newer works here".to_owned()
        }
        other => other.to_string(),
    }
}

/// Opens the window and returns when it is closed. It can be called again when it fails: eframe keeps
/// the one event loop that a process may have.
fn open_window(args: &Args, renderer: Renderer) -> eframe::Result {
    let viewport = ViewportBuilder::default()
        .with_title("Oneroom")
        .with_app_id("oneroom")
        .with_icon(icon::icon())
        .with_inner_size([900.0, 680.0])
        .with_min_inner_size([360.0, 360.0]);
    let native = NativeOptions {
        viewport,
        renderer,
        // The computer's fonts come in our own order; see `theme::fonts`.
        system_font_fallback: false,
        ..NativeOptions::default()
    };
    let options = Options {
        settings: settings::default_path(),
        guard: Some((Book::new(book::default_path()), Trust::default())),
        rooms: host::default_rooms(),
        kept: store::default_path(),
        address: args.address.clone(),
        name: args.name.clone(),
        clock: Clock::of_this_computer(),
        notices: notify::start().inspect_err(|error| log::warn!("no notifications: {error}")).ok(),
        ..Options::default()
    };
    let start = |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        let app = ChatApp::new(&cc.egui_ctx, options);
        theme::fonts::add_system(&cc.egui_ctx);
        #[cfg(target_os = "linux")]
        chat_client::portal::follow(&cc.egui_ctx);
        Ok(Box::new(app))
    };
    eframe::run_native("oneroom", native, Box::new(start))
}
