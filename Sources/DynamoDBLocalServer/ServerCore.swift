internal import CMicroHTTPD
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import Glibc
internal import HTTPTransport

/// What the server's thread does with the requests of its connections.
///
/// Sound as `@unchecked Sendable`: `spare` is touched on that thread only, `delays` has a lock, the rest never changes.
final class ServerCore: @unchecked Sendable {
  private let simulator: DynamoDBSimulator
  private let delays = DelayedExchanges()
  /// Exchanges that ended, with their buffers, for those to come.
  private var spare: [ServerExchange] = []

  init(_ simulator: DynamoDBSimulator) { self.simulator = simulator }

  /// Wakes all connections that wait, and lets none wait any more.
  func resumeAll() { delays.end() }

  /// libmicrohttpd's callback: called when a head is there, for each piece of a body, at the body's end, and when a connection resumes.
  func handle(
    _ connection: OpaquePointer, _ path: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> MHD_Result {
    guard let known = unsafe slot.pointee else {
      let exchange = spare.popLast() ?? ServerExchange()
      exchange.reset()
      unsafe slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
      return .YES
    }
    let exchange = unsafe Unmanaged<ServerExchange>.fromOpaque(known).takeUnretainedValue()
    if unsafe count.pointee > 0, let bytes = unsafe bytes {
      let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: count.pointee)
      if exchange.body.count + piece.count > LocalServer.largestBody { exchange.phase = .overflowing }
      if exchange.phase == .receiving { unsafe exchange.body.append(contentsOf: piece) }
      unsafe count.pointee = 0
      return .YES
    }
    switch exchange.phase {
    case .receiving: return unsafe received(connection, path, method, exchange)
    case .overflowing: return Response.empty(connection, status: 413)
    case .suspended, .answered: return Response.queue(exchange, connection)
    }
  }

  /// libmicrohttpd's callback: the answer's last byte has left, or its connection is gone.
  func completed(_ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    guard let known = unsafe slot.pointee else { return }
    unsafe slot.pointee = nil
    let exchange = unsafe Unmanaged<ServerExchange>.fromOpaque(known).takeRetainedValue()
    // Large bodies aren't kept: a thousand connections would keep as many.
    if spare.count < 64 && exchange.body.capacity <= 1 << 20 { spare.append(exchange) }
  }

  private func received(
    _ connection: OpaquePointer, _ path: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?, _ exchange: ServerExchange
  ) -> MHD_Result {
    guard let method = unsafe method, unsafe strcmp(method, "POST") == 0 else {
      return Response.text(connection, "healthy: dynamodb.local ", type: "text/plain")
    }
    // Only browsers say where a page came from: one that has the server's address under a name of its own, as by DNS rebinding, may not
    // read or change tables. No SDK in a browser gets here, since no answer allows its page to read it.
    guard unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, "Origin") == nil else {
      return Response.empty(connection, status: 403)
    }
    exchange.head = head(of: connection)
    guard simulator.hasFaults else {
      exchange.answer = simulator.arrive(exchange.head, exchange.takeBody(), Fate())
      exchange.phase = .answered
      return Response.queue(exchange, connection)
    }
    exchange.fate = simulator.send(exchange.head, exchange.body)
    exchange.phase = .suspended
    MHD_suspend_connection(connection)
    delays.run(connection: UInt(bitPattern: connection), exchange, simulator)
    return .YES
  }

  private func head(of connection: OpaquePointer) -> RequestHead {
    let target = unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, "x-amz-target").map { unsafe String(cString: $0) }
    var head = RequestHead(target: target ?? "")
    guard simulator.readsFields else { return head }
    unsafe withUnsafeMutablePointer(to: &head) { pointer in
      _ = unsafe MHD_get_connection_values(
        connection, .HEADER_KIND,
        { context, _, name, value in
          guard let head = unsafe context?.assumingMemoryBound(to: RequestHead.self), let name = unsafe name else { return .NO }
          let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
          unsafe head.pointee.fields.append((String(cString: name).lowercased(), text))
          return .YES
        }, pointer)
    }
    return head
  }
}

extension ServerExchange {
  /// Gives the body away; the next one gets new memory.
  fileprivate func takeBody() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&taken, &body)
    return taken
  }
}
