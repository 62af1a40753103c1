//! Clients that mean ill, or know no better: they are bounded, counted, and nobody else notices.

use std::time::{Duration, Instant};

use conf_tests::ldap::{Ldap, bind, message, present, search, tlv};
use conf_tests::trials::Planned;

use crate::serve::{Served, conference, serve};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "what_is_no_ldap_ends_the_connection_and_is_counted",
        needs: &[],
        run: nonsense,
    },
    Planned {
        name: "what_is_malformed_within_is_answered",
        needs: &[],
        run: malformed,
    },
    Planned {
        name: "deep_and_broad_filters_are_refused",
        needs: &[],
        run: filters,
    },
    Planned {
        name: "who_sends_half_a_request_is_dropped",
        needs: &[],
        run: half,
    },
    Planned {
        name: "who_does_not_read_is_dropped",
        needs: &[],
        run: deaf,
    },
    Planned {
        name: "too_many_connections_are_turned_away_and_the_others_served",
        needs: &[],
        run: crowd,
    },
];

fn nonsense() {
    let served = serve(|_| {});
    let huge = [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 2, 1, 1];
    for bytes in [
        b"GET / HTTP/1.0\r\n\r\n".as_slice(),
        &huge,
        &[0x30, 0x80, 0, 0],
        &[0x30, 0x02, 0x02, 0x00],
    ] {
        let mut client = Ldap::connect(served.address()).unwrap();
        client.send_raw(bytes).unwrap();
        let notice = client.receive().unwrap();
        assert_eq!(
            (notice.tag, notice.code),
            (0x78, Some(2)),
            "notice of disconnection"
        );
        assert!(client.receive().is_err(), "and the end");
    }
    assert_eq!(served.server.counters().malformed.count(), 4);
    still_serves(&served);
}

fn malformed() {
    let served = serve(|_| {});
    let mut client = Ldap::connect(served.address()).unwrap();
    // A search of which all but the base is missing, and an operation that is none.
    let search = tlv(0x63, &[&[4, 0]]);
    assert_eq!(client.code(&search).unwrap(), 2, "protocolError");
    assert_eq!(
        client.code(&bind("", "")).unwrap(),
        0,
        "and the conversation goes on"
    );
    client.send_raw(&message(9, &tlv(0x7E, &[]))).unwrap();
    assert_eq!(client.receive().unwrap().code, Some(2));
    still_serves(&served);
}

fn filters() {
    let served = serve(|_| {});
    let mut client = Ldap::connect(served.address()).unwrap();
    let broad = tlv(0xA1, &[&present("cn").repeat(10_000)]);
    assert_eq!(
        client.code(&search("o=rendezvous", 2, &broad)).unwrap(),
        11,
        "adminLimitExceeded"
    );
    let mut deep = present("cn");
    for _ in 0..1_000 {
        deep = tlv(0xA2, &[&deep]);
    }
    client.send(&search("o=rendezvous", 2, &deep)).unwrap();
    assert_eq!(client.receive().unwrap().code, Some(2));
    still_serves(&served);
}

fn half() {
    let served = serve(|options| options.limits.patience = Duration::from_millis(300));
    let mut client = Ldap::connect(served.address()).unwrap();
    client.send_raw(&[0x30, 0x0C, 2, 1, 1, 0x60]).unwrap();
    assert_eq!(
        client.receive().unwrap().tag,
        0x78,
        "notice of disconnection"
    );
    assert!(client.receive().is_err());
    assert_eq!(served.server.counters().timed_out.count(), 1);
    still_serves(&served);
}

fn deaf() {
    let served = serve(|options| options.limits.patience = Duration::from_millis(300));
    let mut client = served.client();
    for number in 0..50 {
        assert_eq!(
            client
                .code(&conference(&number.to_string(), &"x".repeat(10_000)))
                .unwrap(),
            0
        );
    }
    let mut deaf = Ldap::connect(served.address()).unwrap();
    let everything = search("o=rendezvous", 2, &present("objectClass"));
    // More than all buffers on the way can hold.
    for _ in 0..100 {
        if deaf.send(&everything).is_err() {
            break;
        }
    }
    wait_until("the deaf client is dropped", || {
        served.server.counters().timed_out.count() >= 1
    });
    still_serves(&served);
}

fn crowd() {
    let served = serve(|options| options.limits.connections = 100);
    let mut first = served.client();
    let crowd: Vec<_> = (0..99).map(|_| Ldap::connect(served.address())).collect();
    let counters = served.server.counters();
    wait_until("the house is full", || counters.accepted.count() == 100);
    for _ in 0..3_000 {
        drop(Ldap::connect(served.address()));
    }
    wait_until("the crowd is counted", || {
        counters.turned_away.count() >= 3_000
    });
    assert_eq!(served.server.counters().connections.count(), 100);
    assert_eq!(
        first.code(&conference("1", "a")).unwrap(),
        0,
        "who is in is served"
    );
    drop(crowd);
    wait_until("the crowd has gone", || {
        served.server.counters().connections.count() == 1
    });
    still_serves(&served);
}

/// Another client is answered as if nothing were.
fn still_serves(served: &Served) {
    let mut client = served.client();
    let answers = client
        .ask(&search("o=rendezvous", 0, &present("objectClass")))
        .unwrap();
    assert_eq!(answers.len(), 2);
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "not so: {what}");
        std::thread::yield_now();
    }
}
