internal import HTTPTransport

/// One place for a connection on a loop: its state, the libcurl handle that carries it, and buffers that outlive the handle.
struct Connection: ~Copyable {
  var state: ConnectionState
  var parser: AnswerParser
  var handle = CurlHandle()
  var request = HTTPRequestBuffer()
  /// The bytes of the answer so far.
  var input = ByteBuffer()
  /// What the source knows its request by.
  var token = 0
  /// How often this place has held a connection: tells an event for the one before from those for the one there is.
  var generation = 0
  /// True from when it is connected until it is closed.
  var isOpen = false
  /// True while the connector has it.
  var isConnecting = false
  /// True while the poller tells when the socket takes more.
  var awaitsWritable = false
  /// True where bytes may lie in TLS's buffer while the socket has none.
  var isSecure = false

  /// The least room for what is received: heads and small answers in one go.
  static let leastRoom = 4_096
  /// Buffers that have grown past this are given back after use.
  static let mostKept = 131_072

  init(settings: LoopSettings) {
    state = ConnectionState(keepAlive: settings.keepAlive)
    parser = AnswerParser(longestAnswer: settings.longestAnswer)
  }

  /// Closes the socket; the buffers stay, but what came unasked must not be taken for the next answer.
  mutating func close() {
    handle = CurlHandle()
    isOpen = false
    input.removeAll()
    awaitsWritable = false
  }

  /// Sends what is left of the request, until the socket takes no more.
  func send() -> CurlHandle.Sent { handle.send(request.message.extracting(droppingFirst: state.sent)) }

  /// Receives once, into room for `expected` bytes if that is known.
  mutating func receive(expected: Int) -> (CurlHandle.Received, room: Int) {
    let room = max(expected, max(Self.leastRoom - input.count, input.capacity - input.count, 1_024))
    return (handle.receive(into: &input, room: room), room)
  }

  /// Reads on in the answer.
  mutating func advance() throws(AnswerFault) -> AnswerParser.Progress { try parser.advance(&input) }

  /// Asks what the peer has done while nothing was in flight; nil: nothing.
  ///
  /// TLS may have had something to say to itself, such as session tickets: libcurl stops behind each of its messages as though that were
  /// all, so it is asked until the socket is empty.
  mutating func probe() -> ExchangeFailure.Reason? {
    input.removeAll()
    defer { input.removeAll() }
    while true {
      switch handle.receive(into: &input, room: 1) {
      case .nothing: if !isSecure || !handle.hasBytes { return nil }
      case .bytes: return .unexpectedBytes
      case .end: return .closedEarly
      case .failed: return .receiveFailed
      }
    }
  }

  /// Makes ready for the next exchange.
  mutating func reset(longestAnswer: Int) {
    parser = AnswerParser(longestAnswer: longestAnswer)
    if input.capacity > Self.mostKept { input = ByteBuffer() } else { input.removeAll() }
    if request.capacity > Self.mostKept { request = HTTPRequestBuffer() } else { request.reset() }
  }
}
