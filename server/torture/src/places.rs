//! The places at which the programs can be made to die, as they are named in the code.

/// In the server.
pub const SERVER: [&str; 30] = [
    "purchase::hold::before_commit",
    "purchase::hold::after_commit",
    "purchase::page::before_call",
    "purchase::page::after_call",
    "purchase::page::after_store",
    "purchase::intent::before_call",
    "purchase::intent::after_call",
    "purchase::intent::after_store",
    "purchase::confirm::before_call",
    "purchase::confirm::after_call",
    "purchase::step::before_commit",
    "purchase::step::after_commit",
    "purchase::sale::before_commit",
    "purchase::sale::after_commit",
    "purchase::capture::before_call",
    "purchase::capture::after_call",
    "purchase::cancel::before_call",
    "purchase::cancel::after_call",
    "purchase::cancel::before_commit",
    "purchase::cancel::after_commit",
    "purchase::refund::before_commit",
    "purchase::refund::after_commit",
    "purchase::unpaid::before_commit",
    "purchase::unpaid::after_commit",
    "outbox::lease::before_commit",
    "outbox::lease::after_commit",
    "outbox::before_publish",
    "outbox::before_confirm",
    "outbox::before_mark",
    "outbox::after_mark",
];

/// In the notifier.
pub const NOTIFIER: [&str; 8] = [
    "notifier::take::before_commit",
    "notifier::take::after_commit",
    "notifier::take::after_ack",
    "notifier::lease::before_commit",
    "notifier::lease::after_commit",
    "deliver::before_send",
    "deliver::before_mark",
    "deliver::after_mark",
];
