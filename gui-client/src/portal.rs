//! Whether the system is dark or light, where windows are not told: on Linux the desktop's portal knows. Asked
//! on a thread of its own, which hears of each change; silent where there is no portal. Knows nothing of what
//! the person likes.

use std::thread;

use egui::{Context, Theme};
use futures_lite::StreamExt as _;
use futures_lite::future::block_on;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy};

/// The setting, as the portal calls it: its group and its name.
const SETTING: (&str, &str) = ("org.freedesktop.appearance", "color-scheme");

/// Tells `ctx` what the system has, now and whenever it changes, for who likes it as the system has it.
pub fn follow(ctx: &Context) {
    let ctx = ctx.clone();
    let listen = move || {
        if let Err(error) = block_on(listen(&ctx)) {
            log::debug!("no portal tells the theme: {error}");
        }
    };
    if let Err(error) = thread::Builder::new().name("theme".to_owned()).spawn(listen) {
        log::warn!("the system's theme is not followed: {error}");
    }
}

async fn listen(ctx: &Context) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let (service, path) = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
    let portal = Proxy::new(&bus, service, path, "org.freedesktop.portal.Settings").await?;
    // In this order, so that no change is missed.
    let (group, name) = SETTING;
    let mut changes = portal.receive_signal_with_args("SettingChanged", &[(0, group), (1, name)]).await?;
    let now: OwnedValue = portal.call("ReadOne", &SETTING).await?;
    tell(ctx, &now);
    while let Some(change) = changes.next().await {
        let (_, _, now): (String, String, OwnedValue) = change.body().deserialize()?;
        tell(ctx, &now);
    }
    Ok(())
}

/// What egui falls back to when it does not know what the system has.
fn tell(ctx: &Context, scheme: &OwnedValue) {
    let theme = theme(scheme);
    ctx.options_mut(|options| options.fallback_theme = theme);
    ctx.request_repaint();
}

/// The portal says 1 for dark and 2 for light. Where it has no preference, ours is dark.
fn theme(scheme: &OwnedValue) -> Theme {
    match scheme.downcast_ref::<u32>() {
        Ok(2) => Theme::Light,
        _ => Theme::Dark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_portal_says_is_a_theme() {
        for (scheme, expected) in [(0, Theme::Dark), (1, Theme::Dark), (2, Theme::Light), (7, Theme::Dark)] {
            assert_eq!(theme(&OwnedValue::from(scheme as u32)), expected, "{scheme}");
        }
        assert_eq!(theme(&OwnedValue::from(true)), Theme::Dark);
    }
}
