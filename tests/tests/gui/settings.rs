//! The settings: reached by key and by button, from either screen, in effect at once, and remembered.

use chat_client::app::Options;
use chat_client::settings::{Density, Hours, Notify, Prefs, Settings, ThemeChoice, Zoom};
use egui::{Key, Theme};

use crate::rooms::TestRoom;
use crate::screen::{COMPOSER, Screen, options};

fn prefs(screen: &Screen) -> Prefs {
    Settings::load_from(&screen.settings()).0.prefs
}

fn zoom(screen: &mut Screen) -> f32 {
    screen.harness().run_ok();
    screen.harness().ctx.zoom_factor()
}

#[test]
fn they_are_opened_and_closed_with_the_keyboard_and_the_cursor_comes_back() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.fill(COMPOSER, "half a thought");
    screen.press_command(Key::Comma);
    screen.wait_for("Theme: As the system has it");
    screen.until("the cursor in the settings", |screen| {
        screen.has_focus("Theme: As the system has it").then_some(())
    });
    // Not into the composer, which is behind them.
    screen.type_text("x");
    screen.press(Key::Tab);
    assert!(screen.has_focus("Theme: Light"));
    screen.press(Key::Space);
    screen.harness().run_ok();
    assert_eq!(screen.harness().ctx.theme(), Theme::Light);
    screen.assert_at_rest();
    screen.press(Key::Escape);
    screen.wait_until_gone("Theme: Light");
    screen.until("the cursor in the composer", |screen| screen.has_focus(COMPOSER).then_some(()));
    assert_eq!(screen.value(COMPOSER), "half a thought");
    screen.assert_at_rest();
}

#[test]
fn what_is_behind_them_gets_no_key_even_when_nothing_has_the_focus() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    screen.click("Settings");
    screen.wait_for("Theme: Light");
    screen.harness().ctx.memory_mut(egui::Memory::stop_text_input);
    screen.type_text("x");
    screen.press_command(Key::U);
    screen.click("Done");
    screen.wait_until_gone("Theme: Light");
    assert_eq!(screen.value(COMPOSER), "");
    assert!(!screen.sees("Mention ann"));
}

#[test]
fn all_is_in_effect_at_once_and_the_next_time() {
    let mut screen = Screen::with_settings(options());
    assert_eq!(screen.harness().ctx.theme(), Theme::Dark);
    screen.click("Settings");
    let control = |screen: &mut Screen| {
        screen.harness().run_ok();
        screen.rect("Theme: Light").height()
    };
    let before = control(&mut screen);
    for label in [
        "Theme: Light",
        "Density: Compact",
        "Times: 12 hours",
        "Notifications: Nothing",
        "Larger",
        "Larger",
        "Smaller",
    ] {
        screen.click(label);
    }
    assert_eq!(screen.harness().ctx.theme(), Theme::Light);
    assert!(control(&mut screen) < before);
    assert_eq!(zoom(&mut screen), 1.1);
    screen.wait_for("110 %");
    screen.click("Done");
    screen.wait_until_gone("Theme: Light");
    screen.assert_at_rest();
    let mut screen = screen.reopen(options());
    let expected = Prefs {
        theme: ThemeChoice::Light,
        zoom: Zoom::of_percent(110),
        density: Density::Compact,
        clock: Hours::H12,
        notify: Notify::None,
    };
    assert_eq!(prefs(&screen), expected);
    // The harness sets a theme of its own when it opens a window, so that one is looked at elsewhere.
    assert_eq!(zoom(&mut screen), 1.1);
    screen.click("Settings");
    assert!(control(&mut screen) < before);
}

#[test]
fn a_size_set_with_keys_is_remembered_and_bounded() {
    let mut screen = Screen::with_settings(options());
    for _ in 0..3 {
        screen.press_command(Key::Plus);
        screen.harness().run_ok();
    }
    assert_eq!(zoom(&mut screen), 1.3);
    let mut screen = screen.reopen(options());
    assert_eq!((prefs(&screen).zoom.percent(), zoom(&mut screen)), (130, 1.3));
    for _ in 0..30 {
        screen.press_command(Key::Minus);
        screen.harness().run_ok();
    }
    assert_eq!(zoom(&mut screen), 0.5);
    screen.assert_at_rest();
    screen.press_command(Key::Num0);
    assert_eq!(zoom(&mut screen), 1.0);
    let screen = screen.reopen(options());
    assert_eq!(prefs(&screen), Prefs::default());
}

#[test]
fn each_key_for_the_size_counts() {
    let mut screen = Screen::with_settings(options());
    for (key, expected) in [
        (Key::Plus, 110),
        (Key::Num0, 100),
        (Key::Plus, 110),
        (Key::Minus, 100),
        (Key::Minus, 90),
        (Key::Num0, 100),
    ] {
        screen.press_command(key);
        let factor = f32::from(expected as u16) / 100.0;
        assert_eq!((zoom(&mut screen), key), (factor, key));
    }
    // Also where the window has not had room for what was set.
    screen.harness().set_size(egui::vec2(500.0, 500.0));
    for _ in 0..8 {
        screen.press_command(Key::Plus);
        screen.harness().run_ok();
    }
    assert!(zoom(&mut screen) < 1.5);
    screen.press_command(Key::Num0);
    assert_eq!(zoom(&mut screen), 1.0);
    screen.press_command(Key::Plus);
    assert_eq!(zoom(&mut screen), 1.1);
    screen.assert_at_rest();
}

#[test]
fn times_follow_the_hours() {
    let room = TestRoom::open();
    let mut screen = Screen::join(room.address(), "ann");
    let time = |screen: &mut Screen| {
        screen.harness().run_ok();
        screen.words().into_iter().find(|words| words.starts_with("ann: hello")).unwrap()
    };
    screen.say("hello");
    screen.until("it", |screen| screen.sees("ann: hello").then_some(()));
    screen.press_command(Key::Comma);
    screen.click("Times: 12 hours");
    assert!(time(&mut screen).contains('m'));
    assert!([" am", " pm"].iter().any(|half| time(&mut screen).contains(half)), "{}", time(&mut screen));
    screen.click("Times: 24 hours");
    assert!(![" am", " pm"].iter().any(|half| time(&mut screen).contains(half)), "{}", time(&mut screen));
}

#[test]
fn settings_that_a_later_program_wrote_are_no_broken_ones() {
    let screen = Screen::with_settings(options());
    let path = screen.settings();
    std::fs::write(&path, r#"{"name": "ann", "prefs": {"theme": "sepia", "zoom": 150, "more": {}}}"#)
        .unwrap();
    let mut screen = screen.reopen(Options { address: None, ..options() });
    assert_eq!(screen.value("Your name"), "ann");
    assert_eq!(zoom(&mut screen), 1.5);
    assert!(!screen.sees("could not be understood"));
}

#[test]
fn what_is_out_of_sight_is_shown_to_be_there_and_comes_into_sight_with_the_keyboard() {
    let mut screen = Screen::with_settings(options());
    screen.harness().set_size(egui::vec2(400.0, 360.0));
    let in_sight = |screen: &mut Screen, label: &str| {
        screen.harness().run_ok();
        let (rect, done) = (screen.rect(label), screen.rect("Done"));
        rect.top() > 0.0 && rect.bottom() <= done.top()
    };
    for _ in 0..2 {
        screen.press_command(Key::Comma);
        screen.wait_for("Theme: Light");
        screen.until("the cursor in the settings", |screen| {
            screen.has_focus("Theme: As the system has it").then_some(())
        });
        assert!(in_sight(&mut screen, "Theme: As the system has it"));
        assert!(!in_sight(&mut screen, "Notifications: Nothing"));
        while !screen.has_focus("Notifications: Nothing") {
            screen.press(Key::Tab);
        }
        assert!(in_sight(&mut screen, "Notifications: Nothing"));
        assert!(!in_sight(&mut screen, "Theme: As the system has it"));
        screen.press(Key::Escape);
        screen.wait_until_gone("Theme: Light");
    }
    screen.assert_at_rest();
}

#[test]
fn at_the_largest_size_in_a_small_window_the_way_back_is_found() {
    let screen = Screen::with_settings(options());
    std::fs::write(screen.settings(), r#"{"prefs": {"zoom": 300}}"#).unwrap();
    let mut screen = screen.reopen(options());
    screen.harness().set_size(egui::vec2(360.0, 360.0));
    assert_eq!(zoom(&mut screen), 3.0);
    screen.press_command(Key::Comma);
    screen.wait_for("Usual size");
    screen.until("the cursor in the settings", |screen| {
        screen.has_focus("Theme: As the system has it").then_some(())
    });
    while !screen.has_focus("Usual size") {
        screen.press(Key::Tab);
    }
    screen.press(Key::Space);
    assert_eq!(zoom(&mut screen), 1.0);
    screen.assert_at_rest();
}
