//! Encrypted connections with OpenLDAP: StartTLS, whom one trusts.

use conf_tests::trials::Planned;
use directory::ldap::{DirectoryConfig, Failover};
use directory::{Directory as _, DirectoryError, Kind, Query};

use crate::openldap::{NEEDS, Setup, Slapd, certificate};
use crate::people::{conference, run};

pub(crate) const TRIALS: &[Planned] = &[
    Planned {
        name: "start_tls_is_used_and_the_certificate_is_looked_at",
        needs: &[
            "/usr/sbin/slapd",
            "/usr/lib/ldap/dds.so",
            "ldapadd",
            "openssl",
        ],
        run: start_tls,
    },
    Planned {
        name: "a_server_without_start_tls_is_not_spoken_to_in_clear",
        needs: NEEDS,
        run: no_start_tls,
    },
];

fn start_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(folder.path());
    let server = Slapd::start(Setup {
        global: format!("TLSCertificateFile {cert}\nTLSCertificateKeyFile {key}\n"),
        ..Setup::full()
    });
    run(async {
        let safe = DirectoryConfig {
            start_tls: true,
            ca_file: Some(cert.into()),
            ..server.config()
        };
        let mut directory = Failover::new(safe.clone());
        directory
            .publish(&conference(1, "Plan"), None)
            .await
            .unwrap();
        assert!(directory.about().unwrap().is_encrypted);
        assert_eq!(
            directory
                .search(&Query::all(Kind::Conference))
                .await
                .unwrap()
                .len(),
            1
        );

        let strangers = DirectoryConfig {
            ca_file: None,
            ..safe.clone()
        };
        let refused = Failover::new(strangers).connect().await;
        assert!(
            matches!(refused, Err(DirectoryError::UnknownKey { .. })),
            "{refused:?}"
        );
        let mut elsewhere = safe;
        elsewhere.urls[0].host = "localhost".to_owned();
        let refused = Failover::new(elsewhere).connect().await;
        assert!(
            matches!(refused, Err(DirectoryError::UnknownKey { .. })),
            "{refused:?}"
        );
    });
}

fn no_start_tls() {
    let server = Slapd::start(Setup::full());
    run(async {
        let config = DirectoryConfig {
            start_tls: true,
            ..server.config()
        };
        let refused = Failover::new(config).connect().await;
        assert!(
            matches!(refused, Err(DirectoryError::Tls { .. })),
            "{refused:?}"
        );
    });
}
