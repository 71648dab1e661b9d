//! What a delivery costs among ten, and among ten thousand: the same number of deliveries in all, and
//! only the members differ. The claim is that cost grows as members × batches, and never as members ×
//! members: then each delivery costs the same, but for what the machine makes of so many sockets. The
//! floor writes once for each member and batch, and does nothing else; so its growth is the machine's, and
//! the claim is that ours is no more. A server of members × members would be a thousand times worse.

use chat_tests::bench::table::{number, times};
use chat_tests::bench::{Bound, Goals, Rival, Rivals, Rounds, Table};
use chat_tests::load::Until;

use crate::cells::plan;
use crate::settings::Settings;

const MEMBERS: [usize; 4] = [10, 100, 1000, 10_000];

/// Messages on their way, and the deliveries that there are in all.
const TASKS: [(usize, u64); 2] = [(1024, 20_000_000), (1, 100_000)];

/// The rounds of each server among each number of members.
type Sizes = Vec<[Rounds; 2]>;

pub(crate) fn run(rivals: &Rivals, settings: &Settings, goals: &mut Goals) -> anyhow::Result<()> {
    let members: Vec<_> = MEMBERS.into_iter().filter(|&members| members <= settings.most_members).collect();
    println!("\nthe same deliveries among few and many, {} rounds, medians\n", settings.rounds);
    let mut table = Table::new(
        &[
            "window",
            "receivers",
            "chat-server: CPU ns each",
            "M/s",
            "floor: CPU ns each",
            "M/s",
            "CPU over floor's",
        ],
        0,
    );
    for (window, deliveries) in TASKS {
        let deliveries = if settings.quick { deliveries / 10 } else { deliveries };
        eprintln!("scaling: {window} on their way");
        let sizes = measure(rivals, settings, &members, window, deliveries)?;
        for (receivers, [ours, floor]) in members.iter().zip(&sizes) {
            let mut row = vec![window.to_string(), receivers.to_string()];
            for rounds in [ours, floor] {
                row.push(number(rounds.median(|figures| figures.cpu)));
                row.push(number(rounds.median(|figures| figures.rate / 1e6)));
            }
            row.push(times(ours.ratio(floor, |figures| figures.cpu)));
            table.row(row);
        }
        table.gap();
        set_goals(window, &members, &sizes, goals);
    }
    print!("{table}");
    Ok(())
}

/// Each round goes through all numbers of members: these are compared with each other too.
fn measure(
    rivals: &Rivals,
    settings: &Settings,
    members: &[usize],
    window: usize,
    deliveries: u64,
) -> anyhow::Result<Sizes> {
    let mut sizes: Sizes = members.iter().map(|_| Default::default()).collect();
    for _ in 0..settings.rounds {
        for (&receivers, both) in members.iter().zip(&mut sizes) {
            let plan = plan(receivers, 1, window);
            for (rival, rounds) in [Rival::ChatServer, Rival::Floor].into_iter().zip(both) {
                let until = Until::Deliveries(deliveries);
                rounds.0.push(rivals.measure(rival, &plan, settings.warm_up, until)?);
            }
        }
    }
    Ok(sizes)
}

/// What grows with members is to be the machine's, and so the floor's too.
fn set_goals(window: usize, members: &[usize], sizes: &Sizes, goals: &mut Goals) {
    let (Some([few, floor_few]), Some([many, floor_many])) = (sizes.first(), sizes.last()) else { return };
    let (least, most) = (members[0], members[members.len() - 1]);
    let growth = many.ratio(few, |figures| figures.cpu);
    let what = format!("scaling, window {window}: CPU per delivery with {most} receivers over {least}");
    // Of the machine as much as of the server: whatever else runs disturbs it.
    goals.add(format!("{what}, machine and all"), growth, Bound::AtMost(1.0));
    let floors = floor_many.ratio(floor_few, |figures| figures.cpu);
    let relative = growth.zip(floors).map(|(growth, floors)| growth / floors);
    goals.add(what + ", over the floor's (the claim)", relative, Bound::AtMost(1.25));
}
