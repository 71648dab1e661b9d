//! Closed doors: TLS, passwords, names that belong to somebody, admins. Black-box tests of the program
//! `chat-server`, over real sockets and with the programs that people have.

#[path = "closed/admins.rs"]
mod admins;
#[path = "closed/away.rs"]
mod away;
#[path = "closed/certificates.rs"]
mod certificates;
#[path = "closed/names.rs"]
mod names;
#[path = "closed/password.rs"]
mod password;
#[path = "closed/stall.rs"]
mod stall;
#[path = "closed/tls.rs"]
mod tls;
