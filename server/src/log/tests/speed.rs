//! temporary
use super::*;
use std::time::Instant;

fn rng(s: &mut u64) -> u64 {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    *s
}
fn batch(last: u64, n: u64, s: &mut u64, txn: &mut [u64], words: &[String]) -> Arc<[Entry]> {
    (last + 1..=last + n)
        .map(|id| {
            let k = (rng(s) % txn.len() as u64) as usize;
            txn[k] += 1;
            let mut session = [0; 16];
            session[..8].copy_from_slice(&(k as u64).wrapping_mul(0x9e3779b97f4a7c15).to_le_bytes());
            let mut text = String::with_capacity(72);
            while text.len() < 58 {
                let r = rng(s);
                let w = (words.len() as f64).powf((r % 100000) as f64 / 100000.0) as usize - 1;
                if !text.is_empty() {
                    text.push(' ')
                }
                text.push_str(&words[w.min(words.len() - 1)]);
            }
            Entry {
                id,
                time: 1_700_000_000_000 + id,
                from: Some((session, txn[k])),
                name: "some name".into(),
                text,
            }
        })
        .collect()
}
fn words(s: &mut u64) -> Vec<String> {
    (0..50000)
        .map(|_| {
            let l = 2 + rng(s) % 8;
            (0..l).map(|_| (b'a' + (rng(s) % 26) as u8) as char).collect()
        })
        .collect()
}
fn pct(name: &str, mut v: Vec<Duration>) {
    v.sort();
    println!(
        "{name}: n {} median {:?} p99 {:?} p99.9 {:?} max {:?}",
        v.len(),
        v[v.len() / 2],
        v[v.len() * 99 / 100],
        v[v.len() * 999 / 1000],
        v[v.len() - 1]
    );
}

#[test]
fn flood() {
    for (name, keep, on_disk, searching) in [
        ("disk", ALL, true, false),
        ("disk, a search waits all the time", ALL, true, true),
        ("disk keep 100k", keep(100_000), true, false),
        ("memory keep 100k", keep(100_000), false, false),
    ] {
        let mut room = if on_disk { Fixture::on_disk(keep) } else { Fixture::in_memory(keep) };
        let (mut s, mut txn) = (88172645463325252u64, vec![0; 1000]);
        let words = words(&mut s);
        let mut lat = vec![];
        let mut total = Duration::ZERO;
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let searcher = searching.then(|| {
            let (log, stop) = (room.log.clone(), stop.clone());
            std::thread::spawn(move || {
                let mut n = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = block_on(log.read(Query::Search { words: "zz".into(), n: 1, upto: u64::MAX }));
                    n += 1;
                }
                n
            })
        });
        let rounds = 1000;
        let all: Vec<_> =
            (0..rounds).map(|k| batch(room.last + k * 1000, 1000, &mut s, &mut txn, &words)).collect();
        for b in all {
            let t = Instant::now();
            room.commit(b).unwrap();
            lat.push(t.elapsed());
            total += t.elapsed();
        }
        println!("{name}: {:.0} rows/s", rounds as f64 * 1000.0 / total.as_secs_f64());
        pct(name, lat);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(t) = searcher {
            println!("searches {}", t.join().unwrap());
        }
        if on_disk {
            println!("{:?} of {}", room.on_writer(|w| w.marks), room.last);
            let t = Instant::now();
            room.settle();
            println!("settled in {:?} {:?}", t.elapsed(), room.on_writer(|w| w.marks));
            println!("file {} MB", std::fs::metadata(room.file("room.db")).unwrap().len() >> 20);
        }
        let t = Instant::now();
        let mut id = room.read(after(0, 1, 1)).first - 1;
        let mut pages = 0;
        loop {
            let p = room.read(Query::After { id, upto: room.last, most_rows: 256, most_bytes: 1 << 20 });
            pages += 1;
            id = p.entries.last().unwrap().id;
            if !p.more {
                break;
            }
        }
        println!("pages: {pages} in {:?}: {:.0}/s", t.elapsed(), pages as f64 / t.elapsed().as_secs_f64());
        for q in ["zz", "a", "vi wx"] {
            let t = Instant::now();
            let p = room.read(Query::Search { words: q.into(), n: 50, upto: room.last });
            println!("search {q}: {} {} in {:?}", p.entries.len(), p.more, t.elapsed());
        }
    }
}

#[test]
fn lone() {
    let mut room = Fixture::on_disk(ALL);
    let (mut s, mut txn) = (88172645463325252u64, vec![0; 1000]);
    let words = words(&mut s);
    for round in 0..3 {
        let mut lat = vec![];
        for _ in 0..2000 {
            let b = batch(room.last, 1, &mut s, &mut txn, &words);
            let t = Instant::now();
            room.commit(b).unwrap();
            lat.push(t.elapsed());
        }
        pct("lone back to back", lat);
        let mut lat = vec![];
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(5 + round * 25));
            let b = batch(room.last, 1, &mut s, &mut txn, &words);
            let t = Instant::now();
            room.commit(b).unwrap();
            lat.push(t.elapsed());
        }
        pct("lone with pauses", lat);
    }
    // live while 1000 resume
    for _ in 0..200 {
        let b = batch(room.last, 1000, &mut s, &mut txn, &words);
        room.commit(b).unwrap();
    }
    room.settle();
    let measure = |room: &mut Fixture, s: &mut u64, txn: &mut [u64], name| {
        let mut lat = vec![];
        let t0 = Instant::now();
        while t0.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(1));
            let b = batch(room.last, 10, s, txn, &words);
            let t = Instant::now();
            room.commit(b).unwrap();
            lat.push(t.elapsed());
        }
        pct(name, lat);
    };
    measure(&mut room, &mut s, &mut txn, "live alone");
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (log, stopped, upto) = (room.log.clone(), stop.clone(), room.last);
    let resumer = std::thread::spawn(move || {
        let ex = smol::LocalExecutor::new();
        let pages = std::rc::Rc::new(std::cell::Cell::new(0));
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let (log, stopped, pages) = (log.clone(), stopped.clone(), pages.clone());
                ex.spawn(async move {
                    let mut id = 0;
                    while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                        let p = log
                            .read(Query::After { id, upto, most_rows: 256, most_bytes: 1 << 20 })
                            .await
                            .unwrap();
                        id = if p.more { p.entries.last().unwrap().id } else { 0 };
                        pages.set(pages.get() + 1);
                    }
                })
            })
            .collect();
        block_on(ex.run(async {
            for t in tasks {
                t.await
            }
        }));
        pages.get()
    });
    std::thread::sleep(Duration::from_millis(200));
    measure(&mut room, &mut s, &mut txn, "live while 1000 resume");
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    println!("pages {}", resumer.join().unwrap());
}
#[test]
fn killme() {
    let Ok(dir) = std::env::var("KILLDIR") else { return };
    let (log, opened) = open(Storage::Disk(dir.clone().into()), keep(20_000)).unwrap();
    let acked: u64 = std::fs::read(format!("{dir}.acked")).ok().map_or(0, |b| u64::from_le_bytes(b[..8].try_into().unwrap()));
    assert!(opened.last >= acked, "{} {acked}", opened.last);
    let p = block_on(log.read(Query::After { id: opened.first - 1, upto: u64::MAX, most_rows: 1_000_000, most_bytes: usize::MAX })).unwrap();
    assert_eq!(p.entries.len() as u64, opened.last + 1 - opened.first);
    assert!(p.entries.iter().zip(opened.first..).all(|(e, id)| e.id == id));
    let top: std::collections::HashMap<_, _> = p.entries.iter().filter_map(|e| e.from).collect();
    for (s, t) in &opened.sessions { if let Some(x) = top.get(s) { assert_eq!(x, t) } }
    println!("opened {} {} acked {acked}", opened.first, opened.last);
    let mut last = opened.last;
    let ack = std::fs::OpenOptions::new().write(true).create(true).open(format!("{dir}.acked")).unwrap();
    let mut s = last.wrapping_mul(77) + 1;
    loop {
        let n = rng(&mut s) % 50 + 1;
        let e: Arc<[Entry]> = (last + 1..=last + n).map(|id| entry(id, Some(([(id % 7) as u8; 16], id)), &format!("fox number {id} in the woods"))).collect();
        block_on(log.commit(e)).unwrap(); last += n;
        use std::os::unix::fs::FileExt as _;
        ack.write_all_at(&last.to_le_bytes(), 0).unwrap();
        if rng(&mut s) % 50 == 0 { let _ = block_on(log.read(Query::Search { words: "fox".into(), n: 5, upto: last })).unwrap(); std::thread::sleep(Duration::from_millis(25)); }
    }
}
