//! Multicast DNS on the net thread: an advertisement or a browser, in both groups.
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use directory::dns_sd::{self, Browser, BrowserEvent, Message, Responder, groups};

use crate::conference::Wake;
use crate::endpoint::{
    Datagram, Endpoint, EndpointInput, EndpointOutput, Membership, NetworkChange, Transmit,
};
use crate::queue::DropOldest;

/// One of the two.
pub(super) struct MdnsEndpoint {
    role: Role,
    outputs: VecDeque<EndpointOutput>,
    is_closing: bool,
}

enum Role {
    Advertising(Responder),
    Browsing {
        browser: Browser,
        events: Arc<DropOldest<BrowserEvent>>,
        wake: Wake,
    },
}

impl MdnsEndpoint {
    pub(super) fn advertising(responder: Responder) -> Self {
        Self::new(Role::Advertising(responder))
    }

    pub(super) fn browsing(
        browser: Browser,
        events: Arc<DropOldest<BrowserEvent>>,
        wake: Wake,
    ) -> Self {
        Self::new(Role::Browsing {
            browser,
            events,
            wake,
        })
    }

    fn new(role: Role) -> Self {
        let joins = groups().map(|group| {
            EndpointOutput::Join(Membership {
                group,
                source: None,
            })
        });
        Self {
            role,
            outputs: joins.into(),
            is_closing: false,
        }
    }

    fn handle_network(&mut self, now: Instant, change: NetworkChange) {
        let interfaces = match change {
            NetworkChange::Using(interfaces) => interfaces,
            NetworkChange::LoopbackOnly(interface) => vec![interface],
            NetworkChange::Lost => Vec::new(),
        };
        let addresses = interfaces.iter().flat_map(|interface| &interface.addresses);
        let addresses: Vec<IpAddr> = addresses.copied().collect();
        match &mut self.role {
            Role::Advertising(responder) => responder.set_addresses(now, &addresses),
            Role::Browsing { browser, .. } => browser.ask_again(now),
        }
    }

    fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let Some(message) = Message::parse(datagram.bytes) else {
            return;
        };
        match &mut self.role {
            Role::Advertising(responder) => responder.handle_message(now, &message),
            Role::Browsing { browser, .. } => {
                let datagram = dns_sd::Datagram {
                    from: datagram.from,
                    interface: datagram.interface.unwrap_or_default(),
                    bytes: datagram.bytes,
                };
                browser.handle_message(now, &datagram, &message);
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match &mut self.role {
            Role::Advertising(responder) => responder.handle_timeout(now),
            Role::Browsing { browser, .. } => browser.handle_timeout(now),
        }
    }

    fn close(&mut self) {
        if let Role::Advertising(responder) = &mut self.role {
            responder.say_goodbye();
        }
        self.is_closing = true;
    }

    fn collect(&mut self) {
        while let Some(message) = self.poll_message() {
            let payload = message.to_bytes();
            for group in groups() {
                let transmit = Transmit {
                    to: group,
                    ttl: dns_sd::TTL,
                    dscp: 0,
                    payload: payload.clone(),
                };
                self.outputs
                    .push_back(EndpointOutput::TransmitFrom(group, transmit));
            }
        }
        if let Role::Browsing {
            browser,
            events,
            wake,
        } = &mut self.role
        {
            while let Some(event) = browser.poll_event() {
                events.push(event);
                wake();
            }
        }
    }

    fn poll_message(&mut self) -> Option<Message> {
        match &mut self.role {
            Role::Advertising(responder) => responder.poll_message(),
            Role::Browsing { browser, .. } => browser.poll_message(),
        }
    }
}

impl Endpoint for MdnsEndpoint {
    fn handle_input(&mut self, now: Instant, input: EndpointInput<'_>) {
        match input {
            EndpointInput::Timeout => {}
            EndpointInput::Closing => self.close(),
            EndpointInput::Datagram(datagram) => self.handle_datagram(now, &datagram),
            EndpointInput::Network(change) => self.handle_network(now, change),
            // A port that is taken by a program that does not share it keeps one from being found; nothing else fails.
            EndpointInput::Woken
            | EndpointInput::LocalAddresses(_)
            | EndpointInput::WallClock(_)
            | EndpointInput::Failed(_)
            | EndpointInput::Recovered(_) => {}
        }
        if !self.is_closing {
            self.handle_timeout(now);
        }
        self.collect();
    }

    fn poll_output(&mut self) -> EndpointOutput {
        let next = match &self.role {
            Role::Advertising(responder) => responder.next_timeout(),
            Role::Browsing { browser, .. } => browser.next_timeout(),
        };
        let last = if self.is_closing {
            EndpointOutput::Finished
        } else {
            EndpointOutput::Timeout(next)
        };
        self.outputs.pop_front().unwrap_or(last)
    }
}
