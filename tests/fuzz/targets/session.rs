//! Fuzzes the server: see `src/session.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chat_fuzz::session::run(bytes));
