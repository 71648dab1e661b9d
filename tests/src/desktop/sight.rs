//! What is in sight on the display: something that covers all of it, and the first window that appears. Knows
//! X11, and none of the programs.

use std::error::Error;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, MapState, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT};

/// Covers the whole display until it is dropped.
#[derive(Debug)]
pub struct Cover {
    // Its window goes with it.
    _x11: RustConnection,
}

impl Cover {
    pub(super) fn over(display: &str) -> Result<Self, Box<dyn Error>> {
        let (x11, screen) = x11rb::connect(Some(display))?;
        let root = &x11.setup().roots[screen];
        let (id, width, height) = (x11.generate_id()?, root.width_in_pixels, root.height_in_pixels);
        // It asks no window manager.
        let look = CreateWindowAux::new().override_redirect(1).background_pixel(root.black_pixel);
        let class = WindowClass::INPUT_OUTPUT;
        x11.create_window(
            COPY_DEPTH_FROM_PARENT,
            id,
            root.root,
            0,
            0,
            width,
            height,
            0,
            class,
            COPY_FROM_PARENT,
            &look,
        )?
        .check()?;
        x11.map_window(id)?.check()?;
        Ok(Self { _x11: x11 })
    }
}

/// Looks at a display.
#[derive(Debug)]
pub(super) struct Sight {
    x11: RustConnection,
    root: u32,
}

impl Sight {
    pub(super) fn of(display: &str) -> Result<Self, Box<dyn Error>> {
        let (x11, screen) = x11rb::connect(Some(display))?;
        let root = x11.setup().roots[screen].root;
        Ok(Self { x11, root })
    }

    /// Whether there is any window in sight.
    pub(super) fn has_window(&self) -> Result<bool, Box<dyn Error>> {
        for window in self.x11.query_tree(self.root)?.reply()?.children {
            // One that has just gone has no attributes.
            let Ok(attributes) = self.x11.get_window_attributes(window)?.reply() else { continue };
            if attributes.map_state == MapState::VIEWABLE {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
