//! What each fuzz target does with its bytes, and what must hold then. Built for libFuzzer by `run`, and into
//! the test `corpora` of the workspace, which feeds the same functions with what fuzzing has found worth keeping.
//! Knows nothing of either.
//!
//! | file | what it is fed |
//! |---|---|
//! | `codec.rs` | what both ends share: decoder, commands, names, texts |
//! | `session.rs` | the server's half: bytes of members, to requests, to what everybody gets to read |
//! | `model.rs` | the client's half: a server's bytes, to lines, to the room that a person sees |

pub mod codec;
pub mod model;
pub mod session;
mod steps;
