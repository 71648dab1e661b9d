//! Fuzzes the client: see `src/model.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chat_fuzz::model::run(bytes));
