//! The program's icon, drawn by arithmetic: a ring with a tail, which is an O and a speech bubble.
//! Knows shapes and pixels only.

use egui::IconData;

const SIDE: u32 = 128;
const GROUND: [f32; 3] = [0x2f as f32, 0x6f as f32, 0xe0 as f32];
const INK: [f32; 3] = [255.0, 255.0, 255.0];

/// The icon, 128 by 128 pixels.
pub fn icon() -> IconData {
    let pixel = |index: u32| {
        // From -1 to 1, with the middle of each pixel as its place.
        let place = |at: u32| (at as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
        let (x, y) = (place(index % SIDE), place(index / SIDE));
        let ink = cover(bubble(x, y));
        let alpha = cover(square(x, y));
        let mix = |channel: usize| (GROUND[channel] + (INK[channel] - GROUND[channel]) * ink).round() as u8;
        [mix(0), mix(1), mix(2), (alpha * 255.0).round() as u8]
    };
    IconData { rgba: (0..SIDE * SIDE).flat_map(pixel).collect(), width: SIDE, height: SIDE }
}

/// How much of a pixel lies within a shape whose edge is this far away (negative: within).
fn cover(distance: f32) -> f32 {
    (0.5 - distance * SIDE as f32 / 2.0).clamp(0.0, 1.0)
}

/// A square with round corners.
fn square(x: f32, y: f32) -> f32 {
    let (half, corner) = (0.94, 0.42);
    let (dx, dy) = ((x.abs() - half + corner).max(0.0), (y.abs() - half + corner).max(0.0));
    dx.hypot(dy) - corner
}

/// The ring and its tail.
fn bubble(x: f32, y: f32) -> f32 {
    let ring = (x.hypot(y + 0.04) - 0.44).abs() - 0.12;
    // A wedge that points down and to the left, from the ring on.
    let (along, across) = ((y - x) * 0.5f32.sqrt(), (y + x) * 0.5f32.sqrt());
    let tail = (across.abs() - (0.84 - along).max(0.0) * 0.5).max(0.46 - along);
    ring.min(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_bubble_on_a_square_with_round_corners() {
        let IconData { rgba, width, height } = icon();
        assert_eq!((width, height, rgba.len()), (SIDE, SIDE, (SIDE * SIDE * 4) as usize));
        let at = |x: u32, y: u32| &rgba[((y * SIDE + x) * 4) as usize..][..4];
        assert_eq!(at(0, 0)[3], 0, "the corner is cut off");
        assert_eq!(at(64, 61), [0x2f, 0x6f, 0xe0, 255], "the middle of the ring is open");
        assert_eq!(at(92, 61), [255, 255, 255, 255], "the ring is there");
    }
}
