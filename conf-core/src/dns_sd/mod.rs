//! Directory servers on the local network: advertised, and found without configuration (RFC 6762, RFC 6763).
//!
//! See [`directory::dns_sd`] for what is said; this is where it meets the network.
mod endpoint;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use directory::dns_sd::{Browser, Responder};

use self::endpoint::MdnsEndpoint;
use crate::conference::Wake;
use crate::net::{EndpointHandle, InterfaceChoice, NetHandle, NetStopped, RegisterOptions};
use crate::queue::DropOldest;

pub use directory::dns_sd::{BrowserEvent, Found, Service};

/// A directory server that others find. Dropping it says goodbye.
#[derive(Debug)]
pub struct Advertisement {
    _endpoint: EndpointHandle,
}

/// Looks for directory servers until it is dropped.
pub struct ServerBrowser {
    events: Arc<DropOldest<BrowserEvent>>,
    _endpoint: EndpointHandle,
}

impl Advertisement {
    /// Starts advertising. `seed` is where all that is random comes from.
    ///
    /// # Errors
    /// When the net thread has ended.
    pub fn start(
        net: &NetHandle,
        interface: InterfaceChoice,
        service: Service,
        seed: u64,
    ) -> Result<Self, NetStopped> {
        let responder = Responder::new(service, fastrand::Rng::with_seed(seed));
        let endpoint = MdnsEndpoint::advertising(responder);
        let endpoint = register(net, interface, endpoint)?;
        Ok(Self {
            _endpoint: endpoint,
        })
    }
}

impl ServerBrowser {
    /// Starts looking; `wake` is called when there is an event, and must not wait.
    ///
    /// # Errors
    /// When the net thread has ended.
    pub fn start(
        net: &NetHandle,
        interface: InterfaceChoice,
        now: Instant,
        wake: Wake,
        seed: u64,
    ) -> Result<Self, NetStopped> {
        let events = Arc::new(DropOldest::new(EVENTS));
        let browser = Browser::new(now, seed);
        let endpoint = MdnsEndpoint::browsing(browser, Arc::clone(&events), wake);
        let endpoint = register(net, interface, endpoint)?;
        Ok(Self {
            events,
            _endpoint: endpoint,
        })
    }

    /// The next thing that happened, if any.
    pub fn poll_event(&self) -> Option<BrowserEvent> {
        self.events.pop()
    }
}

impl fmt::Debug for ServerBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBrowser").finish_non_exhaustive()
    }
}

fn register(
    net: &NetHandle,
    interface: InterfaceChoice,
    endpoint: MdnsEndpoint,
) -> Result<EndpointHandle, NetStopped> {
    let options = RegisterOptions {
        interface,
        loopback: true,
    };
    net.register(Box::new(endpoint), options)
}

/// As many servers as a browser keeps, several times over.
const EVENTS: usize = 1024;
