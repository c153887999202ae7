import Glibc
import HTTPTransport
import TestSupport
import Testing

/// What a server does to a request that it has read, and what must come of it.
struct Misbehavior: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable {
    case answered(Int, String)
    /// Fails as `receive`; the message holds these words.
    case refused(String)
    /// Fails as `receive` or, where somebody between has turned a reset into a close, with other words.
    case broken
    case late(String)
  }

  let testDescription: String
  let outcome: Outcome
  let timeouts: HTTPTimeouts
  /// True where the server reads on afterwards, so that closing is left to the client; else it closes.
  let goesOn: Bool
  let script: @Sendable (inout Peer) -> Void

  init(
    _ name: String, _ outcome: Outcome, _ timeouts: HTTPTimeouts = .patient, goesOn: Bool = true,
    _ script: @escaping @Sendable (inout Peer) -> Void
  ) {
    (testDescription, self.outcome, self.timeouts, self.goesOn, self.script) = (name, outcome, timeouts, goesOn, script)
  }

  init(sends text: String, _ outcome: Outcome) {
    self.init("sends \(text.prefix(70).debugDescription)", outcome) { $0.send(text) }
  }

  /// Sends `text` and closes.
  init(closesAfter text: String) {
    self.init("closes after \(text.debugDescription)", .refused("closed the connection before the answer was complete"), goesOn: false) {
      $0.send(text)
    }
  }

  static let head = "HTTP/1.1 200 OK\r\n"
  static let chunked = head + "transfer-encoding: chunked\r\n\r\n"
  static let long = String(repeating: "x", count: 70_000)
  static let silence = HTTPTimeouts(connect: .seconds(50), idle: .milliseconds(250), total: .seconds(50))
  static let shortly = HTTPTimeouts(connect: .seconds(50), idle: .seconds(50), total: .milliseconds(600))

  static let all = framing + heads + chunks + interims + ends + pieces + excesses

  static let framing: [Misbehavior] = [
    .init(sends: head + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}!", .refused("more than one content-length")),
    .init(sends: head + "content-length: 2\r\nContent-Length: 2\r\n\r\n{}", .refused("more than one content-length")),
    .init(sends: head + "content-length: 2, 2\r\n\r\n{}", .refused("isn't a plain number")),
    .init(sends: head + "content-length: -1\r\n\r\n", .refused("isn't a plain number")),
    .init(sends: head + "content-length: +2\r\n\r\n{}", .refused("isn't a plain number")),
    .init(sends: head + "content-length: 0x2\r\n\r\n{}", .refused("isn't a plain number")),
    .init(sends: head + "content-length:\r\n\r\n", .refused("isn't a plain number")),
    .init(
      sends: head + "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      .refused("both a content-length and a transfer-encoding")),
    .init(
      sends: head + "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}", .refused("both a content-length and a transfer-encoding")),
    .init(sends: head + "transfer-encoding: gzip\r\n\r\n", .refused("a transfer-encoding other than chunked")),
    .init(sends: head + "transfer-encoding: xchunked\r\n\r\n", .refused("a transfer-encoding other than chunked")),
    .init(sends: "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", .refused("or one at all in HTTP/1.0")),
    .init(sends: head + "\r\n", .refused("neither its length nor")),
    .init(sends: head + "connection: close\r\n\r\nuntil the end", .refused("neither its length nor")),
    .init(sends: head + "content-length: 1000000000\r\n\r\n{}", .refused("longer than the limit")),
    .init(sends: head + "content-length: 99999999999999999999\r\n\r\n{}", .refused("longer than the limit")),
    .init(sends: "HTTP/1.1 204 X\r\ncontent-length: 2\r\n\r\n{}", .refused("body where its status allows none")),
    .init(sends: "HTTP/1.1 204 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", .refused("body where its status allows none")),
    .init(sends: "HTTP/1.1 304 X\r\ncontent-length: 10\r\n\r\n", .answered(304, "")),
  ]

  static let heads: [Misbehavior] = [
    .init(sends: "HTTP/1.1 99 X\r\n\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n", .refused("status code outside 200 to 599")),
    .init(sends: "HTTP/1.1 600 X\r\ncontent-length: 0\r\n\r\n", .refused("status code outside 200 to 599")),
    .init(sends: "HTTP/1.1 101 X\r\n\r\n", .refused("switches protocols unasked")),
    .init(sends: "HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "HTTP/1.2 200 OK\r\ncontent-length: 0\r\n\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "{\"Item\":{}}\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "\r\n" + head + "content-length: 0\r\n\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}P\r\n", .refused("doesn't begin with a status line")),
    .init(sends: "HTTP/1.1 200 OK\ncontent-length: 0\n\n", .refused("carriage return and line feed")),
    .init(sends: head + "content-length: 0\n\r\n", .refused("carriage return and line feed")),
    .init(sends: head + "content-length: 0\r\n\n", .refused("carriage return and line feed")),
    .init(sends: head + "x: a\r\n folded\r\ncontent-length: 0\r\n\r\n", .refused("without a valid name")),
    .init(sends: head + "content-length : 0\r\n\r\n", .refused("without a valid name")),
    .init(sends: head + "no field\r\n\r\n", .refused("without a valid name")),
    .init(sends: head + "x: a\u{0}b\r\ncontent-length: 0\r\n\r\n", .refused("control character")),
    .init(sends: head + "x: a\rcontent-length: 0\r\n\r\n", .refused("control character")),
    .init(sends: head + "x: " + long, .refused("head of more than 64 KB")),
    .init(sends: head + String(repeating: "x: y\r\n", count: 12_000), .refused("head of more than 64 KB")),
    .init(sends: long, .refused("head of more than 64 KB")),
  ]

  static let chunks: [Misbehavior] =
    [
      "\r\n", "g\r\n", "-1\r\n", "0x2\r\n{}\r\n", " 2\r\n{}\r\n", "2 \r\n{}\r\n", "fffffffff\r\n", "2;\u{1}\r\n{}\r\n",
      "2;" + String(repeating: "x", count: 2_000),
    ].map { .init(sends: chunked + $0, .refused("chunk without a valid size")) } + [
      .init(sends: chunked + "2\n{}\r\n0\r\n\r\n", .refused("carriage return and line feed")),
      .init(sends: chunked + "2\r\n{}}\r\n0\r\n\r\n", .refused("chunk that is longer than its size")),
      .init(sends: chunked + "2\r\n{}\n0\r\n\r\n", .refused("chunk that is longer than its size")),
      .init(sends: chunked + "3B9ACA00\r\n{}", .refused("longer than the limit")),
      .init(sends: chunked + "0\r\nno field\r\n\r\n", .refused("without a valid name")),
      .init(sends: chunked + "0\r\nx: " + long, .refused("head of more than 64 KB")),
      .init(sends: chunked + "2;x=y\r\n{}\r\n0\r\nt: v\r\n\r\n", .answered(200, "{}")),
    ]

  static let interims: [Misbehavior] = [
    .init(sends: "HTTP/1.1 100 X\r\n\r\nHTTP/1.1 103 X\r\nlink: a\r\n\r\n" + head + "content-length: 2\r\n\r\n{}", .answered(200, "{}")),
    .init(sends: "HTTP/1.1 100 X\r\ncontent-length: 2\r\n\r\n{}", .refused("body where its status allows none")),
    .init(sends: String(repeating: "HTTP/1.1 100 X\r\n\r\n", count: 4_000), .refused("head of more than 64 KB")),
    .init(closesAfter: "HTTP/1.1 100 X\r\n\r\n"),
  ]

  static let ends: [Misbehavior] =
    ["", "HTTP/1.", head + "content-le", head + "content-length: 10\r\n\r\n12345", chunked + "5\r\n123", chunked + "2\r\n{}\r\n"]
    .map { .init(closesAfter: $0) } + [
      .init("resets instead of an answer", .broken, goesOn: false) { $0.reset() },
      .init("resets in an answer", .broken, goesOn: false) { peer in
        peer.send(head + "content-length: 10\r\n\r\n12345")
        usleep(20_000)
        peer.reset()
      },
      .init("cuts an answer off without a word", .broken, goesOn: false) { peer in
        peer.send(head + "content-length: 10\r\n\r\n12345")
        peer.cut()
      },
      .init("is silent", .late("was silent for 250 ms"), silence) { _ in },
      .init("stops in an answer", .late("was silent for 250 ms"), silence) { peer in
        peer.send(head + "content-length: 10\r\n\r\n12345")
      },
      .init("stops in a head", .late("was silent for 250 ms"), silence) { peer in
        peer.send(head + "content-le")
      },
      .init("never comes to an end", .late("did not answer within 600 ms"), shortly) { peer in
        peer.send(head + "content-length: 1000\r\n\r\n")
        for _ in 0..<900 where peer.isQuiet {
          peer.send("x")
          usleep(20_000)
        }
      },
    ]

  static let pieces: [Misbehavior] = [
    .init("sends byte by byte", .answered(200, "0123456789")) { peer in
      for byte in (head + "x: y\r\ncontent-length: 10\r\n\r\n0123456789").utf8 { peer.send([byte]) }
    },
    .init("sends chunks byte by byte", .answered(200, "0123456789")) { peer in
      for byte in (chunked + "3;x=y\r\n012\r\n00007\r\n3456789\r\n0\r\nt: v\r\n\r\n").utf8 { peer.send([byte]) }
    },
    .init("sends two lengths byte by byte", .refused("more than one content-length")) { peer in
      for byte in (head + "content-length: 1\r\ncontent-length: 1\r\n\r\n!").utf8 { peer.send([byte]) }
    },
    .init("says that it closes, and closes", .answered(200, "{}"), goesOn: false) { $0.answer("{}", fields: "connection: close\r\n") },
    .init("answers in HTTP/1.0", .answered(200, "{}")) { peer in
      peer.send("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}")
    },
  ]

  static let excesses: [Misbehavior] = [
    .init(sends: head + "content-length: 2\r\n\r\n{}trailing garbage", .answered(200, "{}")),
    .init(sends: head + "content-length: 2\r\n\r\n{}" + head + "content-length: 6\r\n\r\npoison", .answered(200, "{}")),
    .init(sends: chunked + "2\r\n{}\r\n0\r\n\r\n" + head + "content-length: 6\r\n\r\npoison", .answered(200, "{}")),
    .init(sends: "HTTP/1.1 204 X\r\n\r\n" + head + "content-length: 6\r\n\r\npoison", .answered(204, "")),
    .init(sends: "HTTP/1.1 204 X\r\n\r\nbody", .answered(204, "")),
  ]
}
