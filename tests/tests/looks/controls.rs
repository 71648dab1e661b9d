//! Every control of every state, as a screen reader and a keyboard meet it: each has a role and a name, and
//! each can be reached with Tab alone. Knows the accessibility tree and nothing of pixels.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;

use crate::stages::{STATES, Stage, named};

/// Roles of what can be worked with.
const CONTROLS: [Role; 13] = [
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Link,
    Role::ListBoxOption,
    Role::MenuItem,
    Role::MultilineTextInput,
    Role::PasswordInput,
    Role::RadioButton,
    Role::SearchInput,
    Role::Slider,
    Role::Tab,
    Role::TextInput,
];

/// The controls that are there: what each is, and what it is called.
fn controls(harness: &Harness<'_, Stage>) -> Vec<(Role, String)> {
    let nodes = harness.root().children_recursive();
    let control = |node: egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        let is_one = CONTROLS.contains(&node.role()) && !node.is_disabled();
        is_one.then(|| (node.role(), node.label().unwrap_or_default()))
    };
    nodes.filter_map(control).collect()
}

#[test]
fn every_control_has_a_name() {
    for state in &STATES {
        let harness = state.open();
        let controls = controls(&harness);
        assert!(!controls.is_empty(), "{}: nothing can be done", state.name);
        for (role, name) in &controls {
            assert!(!name.trim().is_empty(), "{}: a {role:?} without a name among {controls:#?}", state.name);
        }
    }
}

fn named_controls(harness: &Harness<'_, Stage>) -> BTreeSet<(String, String)> {
    controls(harness).into_iter().map(|(role, name)| (format!("{role:?}"), name)).collect()
}

#[test]
fn every_control_is_reached_by_keyboard() {
    for state in &STATES {
        let mut harness = state.open();
        let mut left = named_controls(&harness);
        // A question has to be answered before anything else can be done.
        if let Some(behind) = state.behind {
            let behind = named_controls(&named(behind).open());
            left.retain(|control| !behind.contains(control));
        }
        if let Some(others) = state.without_list {
            let others = named_controls(&named(others).open());
            left.retain(|control| others.contains(control));
        }
        assert!(!left.is_empty(), "{}: nothing can be done", state.name);
        for _ in 0..3 * left.len() + 3 {
            harness.key_press_modifiers(Modifiers::NONE, Key::Tab);
            harness.run();
            let nodes = harness.root().children_recursive();
            let focused = nodes
                .map(|node| node.accesskit_node())
                .find(egui_kittest::kittest::AccessKitNode::is_focused);
            if let Some(node) = focused {
                left.remove(&(format!("{:?}", node.role()), node.label().unwrap_or_default()));
            }
        }
        assert!(left.is_empty(), "{}: Tab never comes to {left:#?}", state.name);
    }
}
