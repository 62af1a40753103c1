//! How many connections there are, in all and from each address.
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;

/// Counts who is in.
#[derive(Debug, Default)]
pub(super) struct Gate {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place inside, given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Rc<RefCell<Gate>>,
    address: IpAddr,
}

impl Gate {
    /// Lets somebody in, if there is room. Loopback is one address for all of this computer's programs.
    pub(super) fn enter(
        gate: &Rc<RefCell<Self>>,
        address: IpAddr,
        all: usize,
        per_address: usize,
    ) -> Option<Pass> {
        let mut inside = gate.borrow_mut();
        let per_address = if address.is_loopback() {
            all
        } else {
            per_address
        };
        let from_there = inside.by_address.get(&address).copied().unwrap_or_default();
        if inside.all >= all || from_there >= per_address {
            return None;
        }
        inside.all += 1;
        inside.by_address.insert(address, from_there + 1);
        Some(Pass {
            gate: Rc::clone(gate),
            address,
        })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.borrow_mut();
        inside.all -= 1;
        if let Some(count) = inside.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                inside.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_the_places() {
        let gate = Rc::default();
        let enter = |address: [u8; 4]| Gate::enter(&gate, address.into(), 3, 2);
        let first = enter([10, 0, 0, 1]);
        let second = enter([10, 0, 0, 1]);
        assert!(first.is_some() && second.is_some());
        assert!(enter([10, 0, 0, 1]).is_none(), "too many from there");
        let third = enter([10, 0, 0, 2]);
        assert!(
            third.is_some() && enter([10, 0, 0, 3]).is_none(),
            "too many in all"
        );
        drop((first, second, third));
        let all: Vec<_> = (0..3).map(|_| enter([127, 0, 0, 1])).collect();
        assert!(
            all.iter().all(Option::is_some),
            "this computer may have all"
        );
    }
}
