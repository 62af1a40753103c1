//! The desktop portal: asks the person what may be shared, and gives the way to its pictures
//! (`org.freedesktop.portal.ScreenCast`).
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use futures_lite::{Stream as _, StreamExt as _};
use zbus::zvariant::{DynamicType, ObjectPath, OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream, message};

use crate::device::keeper::{Fault, Signal};

/// What the person has chosen to be shared.
pub(super) struct Grant {
    /// The way to PipeWire.
    pub(super) remote: OwnedFd,
    /// The number of the stream there.
    pub(super) node: u32,
    /// Until it is dropped.
    pub(super) session: Session,
}

impl Grant {
    /// Asks, and waits for as long as the person takes to answer.
    pub(super) fn ask(signal: &Signal) -> Result<Self, Fault> {
        let asked = async { Portal::connect(None).await?.choose().await };
        let nobody = || Err(refused("nobody waits for an answer any more"));
        wait_for(asked, signal).unwrap_or_else(nobody)
    }
}

/// A session with the portal, which ends it when the connection goes.
pub(super) struct Session {
    closed: MessageStream,
    _connection: Connection,
}

impl Session {
    /// Whether the person has had enough, which most desktops let one say.
    pub(super) fn is_over(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(&mut self.closed)
            .poll_next(&mut context)
            .is_ready()
    }
}

/// Whether this desktop lets one choose something to share.
pub(super) fn is_there() -> Result<(), Fault> {
    let asked = async {
        let portal = Portal::connect(Some(PATIENCE)).await?;
        portal.flags("AvailableSourceTypes").await.map(drop)
    };
    let never = Signal::default();
    wait_for(asked, &never).unwrap_or(Ok(()))
}

struct Portal {
    connection: Connection,
}

type Options<'a> = HashMap<&'a str, Value<'a>>;

impl Portal {
    async fn connect(patience: Option<Duration>) -> Result<Self, Fault> {
        let mut builder = zbus::connection::Builder::session().map_err(absent)?;
        if let Some(patience) = patience {
            builder = builder.method_timeout(patience);
        }
        let connection = builder.build().await.map_err(absent)?;
        Ok(Self { connection })
    }

    async fn choose(&self) -> Result<Grant, Fault> {
        let session = self.create_session().await?;
        let closed = self.signals(SESSION, "Closed", &session).await?;
        self.select_sources(&session).await?;
        let options = Options::from([("handle_token", "start".into())]);
        let started = self.ask("start", "Start", &(&session, "", options)).await?;
        let streams = started.get("streams").and_then(|streams| {
            Vec::<(u32, HashMap<String, OwnedValue>)>::try_from(streams.try_clone().ok()?).ok()
        });
        let streams = streams.unwrap_or_default();
        let (node, _) = streams
            .first()
            .ok_or_else(|| refused("nothing was chosen"))?;
        let reply = self
            .call("OpenPipeWireRemote", &(&session, Options::new()))
            .await?;
        let remote: zbus::zvariant::OwnedFd = reply.body().deserialize().map_err(absent)?;
        Ok(Grant {
            remote: remote.into(),
            node: *node,
            session: Session {
                closed,
                _connection: self.connection.clone(),
            },
        })
    }

    async fn create_session(&self) -> Result<ObjectPath<'static>, Fault> {
        let options = Options::from([
            ("handle_token", "create".into()),
            ("session_handle_token", "rendezvous".into()),
        ]);
        let made = self.ask("create", "CreateSession", &(options,)).await?;
        let handle = made.get("session_handle");
        // A path, of which version 1 made a text.
        let path = handle.and_then(|handle| match &**handle {
            Value::Str(path) => ObjectPath::try_from(path.to_string()).ok(),
            Value::ObjectPath(path) => Some(path.to_owned()),
            _ => None,
        });
        path.ok_or_else(|| refused("the desktop portal gives no session"))
    }

    async fn select_sources(&self, session: &ObjectPath<'_>) -> Result<(), Fault> {
        let kinds = self.flags("AvailableSourceTypes").await?;
        let mut options = Options::from([
            ("handle_token", "select".into()),
            ("types", (kinds & (MONITOR | WINDOW)).into()),
        ]);
        let cursors = self.flags("AvailableCursorModes").await.unwrap_or_default();
        if cursors & EMBEDDED_CURSOR != 0 {
            options.insert("cursor_mode", EMBEDDED_CURSOR.into());
        }
        let body = (session, options);
        self.ask("select", "SelectSources", &body).await.map(drop)
    }

    /// Calls a method whose answer comes as a signal, for it may have to wait for the person.
    async fn ask<B>(&self, token: &str, method: &str, body: &B) -> Result<Answer, Fault>
    where
        B: serde::Serialize + DynamicType,
    {
        let name = self.connection.unique_name().map(ToString::to_string);
        let name = name.unwrap_or_default().replace(['.', ':'], "_");
        let name = name.strip_prefix('_').unwrap_or(&name);
        let path = format!("{OBJECT}/request/{name}/{token}");
        let path = ObjectPath::try_from(path).map_err(|error| absent(error.into()))?;
        let mut answers = self.signals(REQUEST, "Response", &path).await?;
        self.call(method, body).await?;
        let answer = answers
            .next()
            .await
            .unwrap_or(Err(zbus::Error::InvalidReply));
        let body = answer.map_err(absent)?.body();
        match body.deserialize::<(u32, Answer)>().map_err(absent)? {
            (0, answer) => Ok(answer),
            (1, _) => Err(refused("nothing was chosen")),
            _ => Err(refused("the system does not allow it")),
        }
    }

    async fn call<B>(&self, method: &str, body: &B) -> Result<zbus::Message, Fault>
    where
        B: serde::Serialize + DynamicType,
    {
        let called =
            self.connection
                .call_method(Some(PORTAL), OBJECT, Some(SCREEN_CAST), method, body);
        called.await.map_err(absent)
    }

    /// A property that is a set of flags.
    async fn flags(&self, name: &str) -> Result<u32, Fault> {
        let (interface, body) = ("org.freedesktop.DBus.Properties", (SCREEN_CAST, name));
        let called =
            self.connection
                .call_method(Some(PORTAL), OBJECT, Some(interface), "Get", &body);
        let reply = called.await.map_err(absent)?;
        let value: OwnedValue = reply.body().deserialize().map_err(absent)?;
        u32::try_from(value).map_err(|error| absent(error.into()))
    }

    async fn signals(
        &self,
        interface: &'static str,
        member: &'static str,
        path: &ObjectPath<'_>,
    ) -> Result<MessageStream, Fault> {
        let rule = || {
            let rule = MatchRule::builder().msg_type(message::Type::Signal);
            let rule = rule.sender(PORTAL)?.interface(interface)?;
            Ok(rule.member(member)?.path(path.to_owned())?.build())
        };
        let rule = rule().map_err(absent)?;
        let stream = MessageStream::for_match_rule(rule, &self.connection, Some(1));
        stream.await.map_err(absent)
    }
}

/// What an answer tells.
type Answer = HashMap<String, OwnedValue>;

fn absent(error: zbus::Error) -> Fault {
    Fault::Missing(format!(
        "under Wayland the desktop portal shares the screen (xdg-desktop-portal), and it does not answer: {error}"
    ))
}

/// Not to be asked again by itself.
fn refused(reason: &str) -> Fault {
    Fault::Over(reason.to_owned())
}

/// Waits on this thread, which closing the signal wakes; `None` to let go.
fn wait_for<F: Future>(future: F, signal: &Signal) -> Option<F::Output> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    while !signal.is_closing() {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        signal.wait();
    }
    None
}

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const OBJECT: &str = "/org/freedesktop/portal/desktop";
const SCREEN_CAST: &str = "org.freedesktop.portal.ScreenCast";
const REQUEST: &str = "org.freedesktop.portal.Request";
const SESSION: &str = "org.freedesktop.portal.Session";
const MONITOR: u32 = 1;
const WINDOW: u32 = 2;
const EMBEDDED_CURSOR: u32 = 2;
/// A portal that has to be started takes a while; the list of what can be shared does not wait for long.
const PATIENCE: Duration = Duration::from_secs(3);
