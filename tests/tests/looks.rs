//! What the client looks like: every state that a person can meet, made without a server, a clock, a
//! network or this computer's fonts, so that it is the same everywhere. One test compares each with the
//! picture that is kept of it; one shows that a view that is only a little broken is found by that; one
//! walks all states as somebody does who has no mouse, or does not see the screen; one lets time pass.

#[path = "looks/controls.rs"]
mod controls;
#[path = "looks/pictures.rs"]
mod pictures;
#[path = "looks/stages.rs"]
mod stages;
#[path = "looks/waits.rs"]
mod waits;
