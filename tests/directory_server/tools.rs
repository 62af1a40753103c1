//! OpenLDAP's command-line tools.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use conf_tests::running::Running;
use conf_tests::trials::Planned;

use directory::server::{put_account, remove_account};

use crate::serve::{LONG, Served, serve, serve_in};

const TOOLS: &[&str] = &[
    "ldapsearch",
    "ldapadd",
    "ldapmodify",
    "ldapdelete",
    "ldapcompare",
    "ldapwhoami",
];

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "openldaps_tools_add_find_compare_change_and_delete",
        needs: TOOLS,
        run: add_find_compare_change_delete,
    },
    Planned {
        name: "openldaps_pages_are_the_whole_answer",
        needs: TOOLS,
        run: pages,
    },
    Planned {
        name: "openldap_encrypts_by_start_tls",
        needs: TOOLS,
        run: start_tls,
    },
    Planned {
        name: "openldap_refuses_unknown_critical_extensions_with_us",
        needs: TOOLS,
        run: critical,
    },
    Planned {
        name: "openldap_keeps_a_dynamic_entry_alive",
        needs: &["ldapexop", "ldapadd", "ldapsearch"],
        run: refresh,
    },
    Planned {
        name: "an_account_comes_in_by_its_password",
        needs: &["ldapwhoami"],
        run: accounts,
    },
    Planned {
        name: "accounts_come_and_go_while_the_server_runs",
        needs: &["ldapwhoami"],
        run: accounts_while_it_runs,
    },
    Planned {
        name: "only_its_user_reads_the_servers_files",
        needs: &[],
        run: private_files,
    },
];

const PERSON: &str = "dn: uid=ann,ou=People,o=rendezvous\nobjectClass: rtPerson\ncn: Ann Other\nmail: ann@example.org\n";

fn add_find_compare_change_delete() {
    let served = serve(|_| {});
    let dn = "uid=ann,ou=People,o=rendezvous";
    let refused = run(&mut served.tool("ldapadd", false), PERSON);
    assert_eq!(
        refused.status.code(),
        Some(8),
        "strongerAuthRequired: {refused:?}"
    );
    succeed(&mut served.tool("ldapadd", true), PERSON);
    let found = succeed(
        served
            .tool("ldapsearch", false)
            .args(["-LLL", "-b", "o=rendezvous", "(cn=ann*)"]),
        "",
    );
    assert!(
        found.contains("mail: ann@example.org") && found.contains("rendezvousOwner: dn:cn=local"),
        "{found}"
    );
    let compare = |value: &str| {
        run(served.tool("ldapcompare", false).args([dn, value]), "")
            .status
            .code()
    };
    assert_eq!(
        (compare("cn:ann other"), compare("cn:bob")),
        (Some(6), Some(5))
    );
    let change = format!("dn: {dn}\nchangetype: modify\nreplace: mail\nmail: ann@example.net\n");
    succeed(&mut served.tool("ldapmodify", true), &change);
    let found = succeed(
        served
            .tool("ldapsearch", false)
            .args(["-LLL", "-b", dn, "-s", "base", "mail", "+"]),
        "",
    );
    assert!(
        found.contains("mail: ann@example.net") && found.contains("entryUUID: "),
        "{found}"
    );
    let who = succeed(&mut served.tool("ldapwhoami", true), "");
    assert_eq!(who.trim(), "dn:cn=local,o=rendezvous");
    let refused = run(served.tool("ldapdelete", false).arg(dn), "");
    assert_eq!(refused.status.code(), Some(8), "{refused:?}");
    succeed(served.tool("ldapdelete", true).arg(dn), "");
    let gone = run(
        served
            .tool("ldapsearch", false)
            .args(["-b", dn, "-s", "base"]),
        "",
    );
    assert_eq!(gone.status.code(), Some(32), "noSuchObject: {gone:?}");
}

fn pages() {
    let served = serve(|_| {});
    let mut client = served.client();
    for number in 0..25 {
        let add = crate::serve::conference(&number.to_string(), &format!("band {number}"));
        assert_eq!(client.code(&add).unwrap(), 0);
    }
    let mut search = served.tool("ldapsearch", false);
    let found = succeed(
        search.args([
            "-LLL",
            "-E",
            "pr=10/noprompt",
            "-b",
            "ou=Conferences,o=rendezvous",
            "-s",
            "one",
            "(cn=band*)",
            "uid",
        ]),
        "",
    );
    assert_eq!(found.matches("dn: uid=").count(), 25, "{found}");
}

fn start_tls() {
    let served = serve(|_| {});
    let mut who = served.tool("ldapwhoami", true);
    assert_eq!(
        succeed(who.arg("-ZZ"), "").trim(),
        "dn:cn=local,o=rendezvous"
    );
    let mut search = served.tool("ldapsearch", false);
    let found = succeed(
        search.args(["-ZZ", "-LLL", "-b", "", "-s", "base", "+"]),
        "",
    );
    assert!(found.contains("namingContexts: o=rendezvous"), "{found}");
}

fn critical() {
    let served = serve(|_| {});
    let search = ["-b", "o=rendezvous", "-s", "base"];
    let unknown = run(
        served
            .tool("ldapsearch", false)
            .args(["-E", "!1.2.3.4"])
            .args(search),
        "",
    );
    assert_eq!(unknown.status.code(), Some(12), "{unknown:?}");
    let ignored = run(
        served
            .tool("ldapsearch", false)
            .args(["-E", "1.2.3.4"])
            .args(search),
        "",
    );
    assert_eq!(ignored.status.code(), Some(0), "{ignored:?}");
}

fn refresh() {
    let served = serve(|_| {});
    let dynamic = format!("{PERSON}objectClass: dynamicObject\n");
    succeed(&mut served.tool("ldapadd", true), &dynamic);
    let dn = "uid=ann,ou=People,o=rendezvous";
    succeed(
        served.tool("ldapexop", true).args(["refresh", dn, "1000"]),
        "",
    );
    let found = succeed(
        served
            .tool("ldapsearch", false)
            .args(["-LLL", "-b", dn, "-s", "base", "entryTtl"]),
        "",
    );
    let left = found
        .lines()
        .find_map(|line| line.strip_prefix("entryTtl: "))
        .unwrap();
    assert!(
        (900..=1000).contains(&left.parse::<u32>().unwrap()),
        "{found}"
    );
}

fn accounts() {
    let folder = tempfile::tempdir().unwrap();
    put_account(&folder.path().join("data"), "ann", "correct horse").unwrap();
    for (password, expected) in [
        ("correct horse", Ok("dn:cn=ann,ou=Accounts,o=rendezvous")),
        ("wrong", Err(49)),
    ] {
        let file = folder.path().join("password");
        std::fs::write(&file, password).unwrap();
        let served = serve_in(folder.path(), |_| {});
        let mut who = served.tool("ldapwhoami", false);
        who.args(["-ZZ", "-D", "cn=Ann,ou=accounts,o=rendezvous", "-y"])
            .arg(&file);
        let output = run(&mut who, "");
        match expected {
            Ok(dn) => assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), dn),
            Err(code) => assert_eq!(output.status.code(), Some(code), "{output:?}"),
        }
    }
}

fn accounts_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve_in(folder.path(), |_| {});
    let file = folder.path().join("password");
    std::fs::write(&file, "correct horse").unwrap();
    let comes_in = || {
        let mut who = served.tool("ldapwhoami", false);
        who.args(["-ZZ", "-D", "cn=ann,ou=accounts,o=rendezvous", "-y"])
            .arg(&file);
        run(&mut who, "").status.success()
    };
    assert!(!comes_in());
    put_account(served.data(), "ann", "correct horse").unwrap();
    wait_until(&comes_in);
    let mut search = served.tool("ldapsearch", false);
    search
        .args(["-ZZ", "-D", "cn=ann,ou=accounts,o=rendezvous", "-y"])
        .arg(&file);
    search.args(["-E", "!sync=rp", "-b", "o=rendezvous"]);
    let mut watch = Running::start(&mut search);
    watch.wait_for("the end of the refresh", LONG, |line| {
        line.contains("refresh done")
    });
    assert!(remove_account(served.data(), "Ann").unwrap());
    assert!(!watch.wait(LONG).success(), "its watch ends");
    wait_until(&|| !comes_in());
    assert!(!remove_account(served.data(), "ann").unwrap());
}

/// The server looks once a second.
fn wait_until(is_so: &dyn Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never was");
    }
}

fn private_files() {
    let served = serve(|_| {});
    assert_eq!(
        std::fs::read_to_string(served.token_file()).unwrap().len(),
        64
    );
    #[cfg(unix)]
    for file in std::fs::read_dir(served.data()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

/// Runs a tool that has to succeed; gives its output.
fn succeed(command: &mut Command, input: &str) -> String {
    let output = run(command, input);
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn run(command: &mut Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// For the other trials.
pub(crate) fn tool_output(served: &Served, name: &str, words: &[&str]) -> String {
    succeed(served.tool(name, false).args(words), "")
}
