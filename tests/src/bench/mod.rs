//! What the benchmark `fanout` is made of: rivals that do the same work, figures that are compared
//! within a round, a table, and goals. What is measured, and how long, is the benchmark's business.
//!
//! | module | what it holds |
//! |---|---|
//! | [`rival`] | the servers, each started as a process of its own, and what each costs |
//! | [`figures`] | what one talk gives, and medians and ratios of many |
//! | [`table`] | columns that are aligned |
//! | [`goals`] | what is to be reached, and whether it is |

pub mod figures;
pub mod goals;
pub mod rival;
pub mod table;

pub use figures::{Figures, Rounds};
pub use goals::{Bound, Goals};
pub use rival::{Rival, Rivals, Running, busy};
pub use table::Table;
