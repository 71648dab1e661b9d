//! Where the list of completions stands: egui puts it above the text, which has a frame around it here, and may
//! be scrolled within that. Knows where both are, and nothing of what is in the list.

use egui::emath::{GuiRounding as _, TSTransform};
use egui::{Context, Id, LayerId, PopupKind, Rect, vec2};

use crate::theme::space;

/// Puts the list of the field `id` right above the field's `frame`, or as high as the window goes.
pub(super) fn put_above(ctx: &Context, id: Id, frame: Rect) {
    // As egui calls it. Where it does not any more, the list stays where egui has put it.
    let list = id.with("completion_popup");
    let Some(rect) = ctx.memory(|memory| memory.area_rect(list)) else { return };
    let top = (frame.top() - space::XS - rect.height()).max(ctx.content_rect().top());
    let by = vec2(0.0, top - rect.top()).round_to_pixels(ctx.pixels_per_point());
    let layer = LayerId::new(PopupKind::Popup.order(), list);
    ctx.set_transform_layer(layer, TSTransform::from_translation(by));
}
