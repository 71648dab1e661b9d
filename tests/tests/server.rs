//! Black-box tests of the program `chat-server`: started as a user starts it, spoken to over real
//! sockets. They know DESIGN's promises and nothing of the server's insides.

#[path = "server/base.rs"]
mod base;
#[path = "server/churn.rs"]
mod churn;
#[cfg(unix)]
#[path = "server/go_style.rs"]
mod go_style;
#[path = "server/hostile.rs"]
mod hostile;
#[path = "server/liars.rs"]
mod liars;
#[path = "server/limits.rs"]
mod limits;
#[path = "server/load.rs"]
mod load;
#[path = "server/program.rs"]
mod program;
#[path = "server/slow.rs"]
mod slow;
#[cfg(unix)]
#[path = "server/stop.rs"]
mod stop;
#[cfg(target_os = "linux")]
#[path = "server/supply.rs"]
mod supply;
