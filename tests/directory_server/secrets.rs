//! Passwords and tokens: they are in no log, however much is logged, and in no list of processes.

use std::process::Command;

use conf_tests::netns::rendezvous;
use conf_tests::trials::Planned;
use directory::server::{TOKEN_FILE, put_account};

use crate::serve::{client, start};

pub(crate) const TRIALS: &[Planned] = &[Planned {
    name: "no_password_is_in_a_log_or_a_list_of_processes",
    needs: &[],
    run: secrets_stay_secret,
}];

const PASSWORD: &str = "correct horse battery staple";

fn secrets_stay_secret() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    put_account(&data, "ann", PASSWORD).unwrap();
    let (server, address) = start(&["env", "RENDEZVOUS_LOG=trace"], &data);
    let token = std::fs::read_to_string(data.join(TOKEN_FILE)).unwrap();
    drop(client(address, &data));
    let url = format!("ldap://{address}");
    let output = Command::new(rendezvous())
        .args(["people", "--directory", &url])
        .args(["--bind", "cn=ann,ou=Accounts,o=rendezvous"])
        .env("RENDEZVOUS_DIRECTORY_PASSWORD", PASSWORD)
        .env("RENDEZVOUS_LOG", "trace")
        .env("RENDEZVOUS_DATA_DIR", folder.path().join("home"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = [
        server.to_string(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        processes(),
    ]
    .concat();
    for secret in [PASSWORD, token.trim()] {
        let line = told.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
        let bytes = format!("{:?}", secret.as_bytes());
        let line = told.lines().find(|line| line.contains(&bytes));
        assert_eq!(line, None, "as bytes");
    }
}

/// What everybody can see of every process.
fn processes() -> String {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|one| std::fs::read(one.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.collect::<Vec<_>>().join("\n")
}
