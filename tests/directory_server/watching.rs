//! OpenLDAP's ldapsearch as a replica: what it is told of content synchronisation.

use conf_tests::ldap::tlv;
use conf_tests::running::Running;
use conf_tests::trials::Planned;

use crate::serve::{LONG, conference, serve};
use crate::tools::tool_output;

const BASE: &[&str] = &["-b", "ou=Conferences,o=rendezvous", "-s", "one"];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "openldap_is_told_of_each_change_as_it_happens",
        needs: &["ldapsearch"],
        run: persist,
    },
    Planned {
        name: "openldap_polls_for_what_has_changed_since_a_cookie",
        needs: &["ldapsearch"],
        run: poll,
    },
];

fn persist() {
    let served = serve(|_| {});
    let mut client = served.client();
    assert_eq!(client.code(&conference("1", "first")).unwrap(), 0);
    let mut search = served.tool("ldapsearch", false);
    let watch = Running::start(
        search
            .args(["-E", "!sync=rp"])
            .args(BASE)
            .args(["(cn=*)", "cn"]),
    );
    watch.wait_for("what is there", LONG, |line| line == "cn: first");
    watch.wait_for("the end of the refresh", LONG, |line| {
        line.contains("refresh done")
    });
    assert_eq!(client.code(&conference("2", "second")).unwrap(), 0);
    watch.wait_for("an addition", LONG, |line| line == "cn: second");
    let delete = tlv(0x4A, &[b"uid=1,ou=Conferences,o=rendezvous"]);
    assert_eq!(client.code(&delete).unwrap(), 0);
    watch.wait_for("a deletion", LONG, |line| line.contains("deleted"));
}

fn poll() {
    let served = serve(|_| {});
    let mut client = served.client();
    for (uid, name) in [("1", "first"), ("2", "second")] {
        assert_eq!(client.code(&conference(uid, name)).unwrap(), 0);
    }
    let poll = |sync: &str| {
        let words = [&["-E", sync][..], BASE, &["(cn=*)", "cn"]].concat();
        tool_output(&served, "ldapsearch", &words)
    };
    let first = poll("!sync=ro");
    assert!(
        first.contains("cn: first") && first.contains("cn: second"),
        "{first}"
    );
    let cookie = first
        .lines()
        .find_map(|line| line.strip_prefix("# cookie: "));
    let since = format!("!sync=ro/{}", cookie.unwrap());
    let delete = tlv(0x4A, &[b"uid=1,ou=Conferences,o=rendezvous"]);
    assert_eq!(client.code(&delete).unwrap(), 0);
    assert_eq!(client.code(&conference("3", "third")).unwrap(), 0);
    let second = poll(&since);
    assert!(
        second.contains("cn: third") && !second.contains("cn: second"),
        "{second}"
    );
    assert!(second.contains("refreshDeletes=1"), "{second}");
}
