//! The bar at the side of the list. It maps to the rows' positions and not to their heights, which nobody
//! knows; so it is right from the first to the last row, whatever they hold. Knows counts and the pointer,
//! and nothing of what is in the list.

use egui::{CornerRadius, Id, Rect, Response, Role, Sense, Ui, accesskit, pos2, vec2};

use super::anchor::{Move, Seen};
use crate::theme::{palette, space};

/// How the handle is held while it is dragged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grip {
    /// How far below the handle's upper edge it is held, in points.
    below: f32,
    /// How many rows fitted in the view when it was taken: another number on the way would move the list
    /// without a move of the hand.
    count: f64,
    /// Where the pointer was last.
    at: f32,
}

/// The handle, within a lane of some height. Points below the lane's upper edge.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Handle {
    top: f32,
    height: f32,
    /// How far it can go.
    way: f32,
}

impl Handle {
    /// The handle of a list of `len` rows, of which `count` fit, behind the `first` ones.
    fn new(lane: f32, first: f64, count: f64, len: usize) -> Self {
        let len = (len as f64).max(1.0);
        let height = (f64::from(lane) * count / len) as f32;
        let height = height.max(space::BAR_MIN).min(lane);
        let way = lane - height;
        let share = (first / (len - count).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        Self { top: way * share as f32, height, way }
    }

    /// Where the list goes when the handle begins at `top`.
    fn place(self, top: f32, count: f64, len: usize) -> Move {
        let share = if self.way > 0.0 { f64::from(top / self.way).clamp(0.0, 1.0) } else { 1.0 };
        if share == 1.0 {
            return Move::End;
        }
        let first = share * (len as f64 - count).max(0.0);
        Move::To { position: first as usize, share: first.fract() as f32 }
    }
}

/// Takes note of the pointer on the bar, and gives where it moves the list that was seen like this.
pub(super) fn moved(
    ui: &Ui,
    view: Rect,
    seen: &Seen,
    len: usize,
    grip: &mut Option<Grip>,
) -> (Response, Option<Move>) {
    let lane = Rect::from_min_max(pos2(view.right() - space::BAR_LANE, view.top()), view.max);
    // The keys that move the list do so from everywhere.
    let sense = Sense::click_and_drag() - Sense::FOCUSABLE;
    let response = ui.interact(lane, Id::unique("scroll bar of the messages"), sense);
    let held = response.is_pointer_button_down_on() && !seen.all;
    let Some(pointer) = response.interact_pointer_pos().filter(|_| held) else {
        *grip = None;
        return (response, None);
    };
    let at = pointer.y - lane.top();
    let count = grip.map_or(seen.count, |grip| grip.count);
    let handle = Handle::new(lane.height(), seen.first, count, len);
    let (below, is_new) = match *grip {
        Some(Grip { below, at: before, .. }) => (below, before != at),
        None if (handle.top..=handle.top + handle.height).contains(&at) => (at - handle.top, false),
        // A press beside the handle brings it there.
        None => (handle.height / 2.0, true),
    };
    *grip = Some(Grip { below, count, at });
    (response, is_new.then(|| handle.place(at - below, count, len)))
}

/// Draws the bar of a list that is seen like this.
pub(super) fn show(ui: &Ui, response: &Response, seen: &Seen, len: usize, grip: Option<Grip>) {
    if seen.all || len == 0 {
        return;
    }
    let lane = response.rect;
    let mut handle = Handle::new(lane.height(), seen.first, grip.map_or(seen.count, |grip| grip.count), len);
    if let Some(Grip { below, at, .. }) = grip {
        // It stays under the hand, however high the rows are that go by.
        handle.top = (at - below).clamp(0.0, handle.way);
    }
    let width = if response.hovered() || grip.is_some() { space::BAR_WIDE } else { space::BAR };
    let corner = pos2(lane.right() - width - space::XS / 2.0, lane.top() + handle.top);
    let rect = Rect::from_min_size(corner, vec2(width, handle.height));
    let colour = if grip.is_some() { palette(ui).quiet } else { palette(ui).hover };
    ui.painter().rect_filled(rect, CornerRadius::same((width / 2.0) as u8), colour);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::ScrollBar);
        node.set_label("Place in the messages");
        node.set_orientation(accesskit::Orientation::Vertical);
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value((len as f64 - seen.count).max(0.0));
        node.set_numeric_value(seen.first);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANE: f32 = 600.0;

    #[test]
    fn the_handle_is_at_the_top_for_the_first_row_and_at_the_bottom_for_the_last() {
        for len in [21, 1000, 1_000_000] {
            let top = Handle::new(LANE, 0.0, 20.5, len);
            assert_eq!(top.top, 0.0);
            assert!(top.height >= space::BAR_MIN);
            let bottom = Handle::new(LANE, len as f64 - 20.5, 20.5, len);
            assert_eq!(bottom.top + bottom.height, LANE, "{len} rows");
        }
    }

    #[test]
    fn where_the_handle_is_put_is_where_the_list_goes() {
        let len = 1_000_000;
        let handle = Handle::new(LANE, 0.0, 20.0, len);
        assert_eq!(handle.place(-5.0, 20.0, len), Move::To { position: 0, share: 0.0 });
        assert_eq!(handle.place(handle.way, 20.0, len), Move::End);
        assert_eq!(handle.place(LANE, 20.0, len), Move::End);
        let Move::To { position, share } = handle.place(handle.way / 2.0, 20.0, len) else { panic!() };
        assert!((position as f64 + f64::from(share) - 499_990.0).abs() < 1.0);
        let there = Handle::new(LANE, position as f64 + f64::from(share), 20.0, len);
        assert!((there.top - handle.way / 2.0).abs() < 0.01);
    }

    #[test]
    fn a_lane_without_room_is_no_trouble() {
        for lane in [0.0, 10.0] {
            let handle = Handle::new(lane, 3.0, 2.0, 10);
            assert_eq!((handle.top, handle.height), (0.0, lane));
            assert_eq!(handle.place(5.0, 2.0, 10), Move::End);
        }
    }
}
