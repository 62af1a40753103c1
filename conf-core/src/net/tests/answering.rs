//! Questions that are answered to the socket that asked.
use super::*;

#[test]
fn answers_come_back_to_where_the_question_came_from() {
    let (net, group) = (NetThread::start().unwrap(), free_group());
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let (asker, answerer) = (Remote::new(&net), Remote::new(&net));
    answerer.run([join(group)]);
    let transmit = |to, words: &str| Transmit {
        to,
        ttl: 1,
        dscp: 0,
        payload: words.into(),
    };
    let question = transmit(group, "who is there?");
    asker.run([join(any), EndpointOutput::TransmitFrom(any, question)]);
    let (heard_group, asker_port, _) = answerer.next_heard();
    assert_eq!(heard_group, group);
    let answer = transmit(asker_port, "I");
    answerer.run([EndpointOutput::TransmitFrom(group, answer)]);
    let (heard, from, bytes) = asker.next_heard();
    assert_eq!((heard, bytes.as_slice()), (any, &b"I"[..]));
    assert_eq!(from.port(), group.port(), "from the port that was asked");
}
