internal import CMicroHTTPD
internal import Glibc

/// One text at one path of a port, made anew for each request: what a metrics scraper reads.
package final class TextServer: Sendable {
  /// Where it listens.
  package let port: Int
  private let text: Source
  private let daemon: Daemon

  private final class Source: Sendable {
    let path: String
    let type: String
    let make: @Sendable () -> String

    init(_ path: String, _ type: String, _ make: @escaping @Sendable () -> String) {
      (self.path, self.type, self.make) = (path, type, make)
    }

    func answer(_ connection: OpaquePointer, _ path: UnsafePointer<CChar>?) -> MHD_Result {
      guard let path = unsafe path, unsafe String(cString: path) == self.path else { return Response.empty(connection, status: 404) }
      return Response.text(connection, make(), type: type)
    }
  }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - port: 0: any that is free.
  ///   - setting: how the tool names host and port, for the remedy.
  ///   - path: such as `/metrics`; every other one is answered by 404.
  ///   - type: the media type, which scrapers go by.
  ///   - text: called on the server's thread.
  package init(host: String, port: Int, setting: String, path: String, type: String, text: @escaping @Sendable () -> String)
    throws(LocalServerError)
  {
    let socket = try ListeningSocket(host: host, port: port, settings: (setting, setting))
    self.port = socket.port
    self.text = Source(path, type, text)
    let started = unsafe cmicrohttpd_start(
      socket.release(),
      { context, connection, path, _, _, _, _, slot in
        guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot else { return .NO }
        // Called with the head first, and again when the request has come to its end.
        guard unsafe slot.pointee != nil else {
          unsafe slot.pointee = context
          return .YES
        }
        return unsafe Unmanaged<Source>.fromOpaque(context).takeUnretainedValue().answer(connection, path)
      }, { _, _, _, _ in }, Unmanaged.passUnretained(self.text).toOpaque())
    guard let started = unsafe started else { throw LocalServerError(description: "The server's thread can't be started.") }
    daemon = unsafe Daemon(started)
  }

  /// Closes every connection and returns.
  package func stop() { daemon.stop() }
}
