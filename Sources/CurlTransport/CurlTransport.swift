internal import Glibc
package import HTTPTransport
internal import Synchronization

/// HTTP/1.1 over connections that libcurl makes: names, TCP, TLS and proxies are its, the exchange on them is ours.
///
/// Each event loop has a thread, its own connections and nothing in common with the others but the thread that opens them. Certificates are
/// always verified. A proxy is asked for a tunnel for `https`, and to pass requests on for `http`.
package final class CurlTransport: HTTPTransport {
  /// Limits of a transport.
  package struct Configuration: Sendable {
    /// Event loops, each a thread. Default: the number of processors online.
    package var loops: Int
    /// Connections to one origin, of all loops together; each loop may have one at least. Default 64.
    package var maxConnectionsPerOrigin = 64
    /// Sources waiting for a connection to one origin, of all loops together; those beyond fail as `overloaded`. Default 8,192.
    package var maxWaitingPerOrigin = 8_192
    /// Bytes of an answer's body. Default 64 MB: a batch read gives 16 MB of items, and short numbers are four times as long in JSON.
    package var maxAnswerBytes = 64_000_000
    /// How long an idle connection may be used again; the service closes them after 60 s and more. Default 50 s.
    package var keepAlive = Duration.seconds(50)
    /// A file of certificates in PEM form to trust instead of the system's, nil for the system's. Default nil.
    package var caBundle: String?
    /// Which proxies connections go through. Default: those that the process's environment names.
    package var proxies = ProxySettings.ofProcess

    /// Told how many connections are open, on any thread, whenever that changes; it must not block. Default nil: nobody counts.
    package var onConnections: (@Sendable (Int) -> Void)?

    package init(loops: Int? = nil) { self.loops = loops ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
  }

  package let loops: [any TaskExecutor]
  private let eventLoops: [EventLoop]
  private let submissions = Atomic<Int>(0)

  /// Makes a transport; its threads start now and end with it.
  package init(configuration: Configuration = Configuration()) {
    let count = max(1, configuration.loops)
    let gauge = configuration.onConnections.map(ConnectionGauge.init)
    let connector = Connector(caBundle: configuration.caBundle)
    eventLoops = (0..<count).map { index in
      /// A loop's share of a limit for all of them; what is left over goes to the first ones.
      func share(_ limit: Int) -> Int { max(1, limit / count + (index < limit % count ? 1 : 0)) }
      return EventLoop(
        settings: LoopSettings(
          pool: .init(connections: share(configuration.maxConnectionsPerOrigin), waiting: share(configuration.maxWaitingPerOrigin)),
          longestAnswer: configuration.maxAnswerBytes,
          keepAlive: configuration.keepAlive.nanoseconds,
          proxies: configuration.proxies,
          gauge: gauge),
        connector: connector,
        name: "dualtable-\(index)")
    }
    loops = eventLoops
  }

  package func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    let id = submissions.wrappingAdd(1, ordering: .relaxed).newValue
    let loop = eventLoops.first { $0.isCurrent } ?? eventLoops[id % eventLoops.count]
    let limits = ConnectionState.Limits(
      connect: timeouts.connect.nanoseconds, idle: timeouts.idle.nanoseconds, total: timeouts.total.nanoseconds)
    await withTaskCancellationHandler {
      // Unsafe only in that nobody checks that it is resumed exactly once, which would cost an allocation a call.
      await withUnsafeContinuation { continuation in
        loop.submit(.init(id: id, source: source, origin: origin, limits: limits, continuation: continuation))
      }
    } onCancel: {
      loop.cancel(id)
    }
  }

  package func shutdown() async { await shutdown(grace: .zero) }

  package func shutdown(grace: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      for loop in eventLoops { group.addTask { await loop.shutDown(grace: grace.nanoseconds) } }
    }
  }
}
