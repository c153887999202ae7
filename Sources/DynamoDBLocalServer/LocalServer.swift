internal import CMicroHTTPD
internal import Dispatch
package import DynamoDBSimulator
internal import Glibc
internal import HTTPTransport
internal import Synchronization

/// A simulated DynamoDB on a port, for any SDK.
///
/// One thread of libmicrohttpd reads requests, carries them out and answers. Where the fault plan makes a request or an answer travel, its
/// connection is suspended meanwhile.
package final class LocalServer: Sendable {
  /// A larger request is refused, as the service does.
  static let largestBody = 16 << 20

  /// Where it listens.
  package let port: Int
  private let core: ServerCore
  private let daemon: Daemon

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - host: whose address to listen at. Default loopback.
  ///   - port: 0: any that is free.
  package init(_ simulator: DynamoDBSimulator, host: String = "127.0.0.1", port: Int) throws(LocalServerError) {
    let socket = try ListeningSocket(host: host, port: port)
    self.port = socket.port
    core = ServerCore(simulator)
    let started = unsafe cmicrohttpd_start(
      socket.release(),
      { context, connection, path, method, _, bytes, count, exchange in
        guard let context = unsafe context, let connection = unsafe connection, let count = unsafe count, let exchange = unsafe exchange
        else { return .NO }
        let core = unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
        return unsafe core.handle(connection, path, method, bytes, count, exchange)
      },
      { context, _, exchange, _ in
        guard let context = unsafe context, let exchange = unsafe exchange else { return }
        unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue().completed(exchange)
      }, Unmanaged.passUnretained(core).toOpaque())
    guard let started = unsafe started else { throw LocalServerError(description: "The server's thread can't be started.") }
    daemon = unsafe Daemon(started)
  }

  /// Lets what was carried out be answered, closes every connection and returns.
  package func stop() {
    core.resumeAll()
    daemon.stop()
  }
}

/// libmicrohttpd's server, stopped once.
///
/// Sound as `@unchecked Sendable`: the pointer is only handed to a function that may be called on any thread, under a lock.
final class Daemon: @unchecked Sendable {
  private let pointer: Mutex<UInt?>

  init(_ daemon: OpaquePointer) { pointer = Mutex(UInt(bitPattern: daemon)) }

  func stop() {
    pointer.withLock { pointer in
      guard let daemon = pointer.take() else { return }
      unsafe MHD_stop_daemon(OpaquePointer(bitPattern: daemon))
    }
  }

  deinit { stop() }
}
