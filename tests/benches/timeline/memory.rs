//! What a message costs in memory beyond its text. Measured in processes of their own: what one has given
//! back, the next would get again. On Linux, where the system says how much of a process is resident.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use chat_client::model::MAX_ENTRIES;
use chat_tests::bench::table::number;
use chat_tests::bench::{Bound, Goals, Table};

use crate::stage::Stage;

/// What a process with so many messages tells.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// Resident, in bytes.
    resident: f64,
    /// In texts, in bytes.
    text: f64,
}

pub(crate) fn run(goals: &mut Goals) -> anyhow::Result<()> {
    println!("\nmemory, in bytes\n");
    let mut table = Table::new(&["messages", "resident MB", "of text MB", "bytes each beyond text"], 0);
    let none = ask(0)?;
    let mut most: Option<f64> = None;
    for count in [10_000, 100_000, MAX_ENTRIES * 55 / 100, MAX_ENTRIES] {
        eprintln!("memory: {count} messages");
        let told = ask(count)?;
        let each =
            none.zip(told).map(|(none, told)| (told.resident - none.resident - told.text) / count as f64);
        let megabytes = |figure: fn(&Told) -> f64| number(told.as_ref().map(figure).map(|bytes| bytes / 1e6));
        table.row([
            count.to_string(),
            megabytes(|told| told.resident),
            megabytes(|told| told.text),
            number(each),
        ]);
        // In a short list the pages of what is drawn outweigh it.
        if count >= 100_000 {
            most = each.map(|each| most.map_or(each, |most| most.max(each)));
        }
    }
    print!("{table}");
    goals.add("bytes resident for a message beyond its text, the most", most, Bound::Below(300.0));
    Ok(())
}

/// Starts this program anew with so many messages.
fn ask(count: usize) -> anyhow::Result<Option<Told>> {
    if cfg!(not(target_os = "linux")) {
        return Ok(None);
    }
    let program = std::env::current_exe().context("where is this program")?;
    let output = Command::new(program).args(["--child", &count.to_string()]).output()?;
    ensure!(output.status.success(), "the child failed: {}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout)?;
    let (resident, text) = told.trim().split_once(' ').context("two numbers")?;
    Ok(Some(Told { resident: resident.parse()?, text: text.parse()? }))
}

/// What the process that was started does: shows the messages, and tells.
pub(crate) fn child(count: usize) -> ExitCode {
    let stage = Stage::new(count);
    let text: usize = stage.room.timeline().iter().map(|entry| entry.text().len()).sum();
    match resident() {
        Some(resident) => {
            println!("{resident} {text}");
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

#[cfg(target_os = "linux")]
fn resident() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size())
}

#[cfg(not(target_os = "linux"))]
fn resident() -> Option<usize> {
    None
}
