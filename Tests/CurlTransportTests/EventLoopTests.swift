import CurlTransport
import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct EventLoopTests {
  @Test func thereIsALoopForEachProcessor() {
    #expect(CurlTransport.Configuration().loops == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    #expect(CurlTransport(configuration: .init(loops: 3)).loops.count == 3)
    #expect(CurlTransport(configuration: .init(loops: 0)).loops.count == 1)
  }

  @Test func aTaskStaysOnItsLoop() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport(configuration: .init(loops: 2))
    let threads = await withTaskGroup(of: Set<UInt>.self) { group in
      for loop in transport.loops {
        group.addTask(executorPreference: loop) {
          var threads: Set = [UInt(pthread_self())]
          let source = ListSource(count: 3)
          source.onPull = { _ in #expect(threads.contains(UInt(pthread_self()))) }
          source.onOutcome = { _ in #expect(threads.contains(UInt(pthread_self()))) }
          await transport.perform(source, at: server.origin, timeouts: .patient)
          #expect(source.outcomes == CurlTransportTests.echoes(3))
          for _ in 0..<20 {
            threads.insert(UInt(pthread_self()))
            _ = await transport.outcomes(3, at: server.origin)
            threads.insert(UInt(pthread_self()))
            await Task.yield()
          }
          #expect(threads.count == 1)
          return threads
        }
      }
      return await group.reduce(into: Set<UInt>()) { $0.formUnion($1) }
    }
    #expect(threads.count == 2, "each loop has a thread of its own")
  }

  @Test func aTaskFromElsewhereGoesBackThere() async {
    let server = TestServer(TestServer.echo)
    let transport = CurlTransport(configuration: .init(loops: 1))
    let loop = await withTaskGroup(of: UInt.self) { group in
      group.addTask(executorPreference: transport.loops[0]) { UInt(pthread_self()) }
      return await group.reduce(into: 0) { $0 = $1 }
    }
    for _ in 0..<20 {
      _ = await transport.outcomes(2, at: server.origin)
      #expect(UInt(pthread_self()) != loop)
    }
  }

  @Test func jobsFromManyThreadsAllRun() async {
    let transport = CurlTransport(configuration: .init(loops: 2))
    let count = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<2_000 {
        group.addTask(executorPreference: transport.loops[number % 2]) {
          await Task.yield()
          count.withLock { $0 += 1 }
          await Task.yield()
        }
      }
    }
    #expect(count.withLock { $0 } == 2_000)
  }

  /// A task keeps its loop alive: it goes on after its transport is gone, and the loop ends on its own thread with it.
  @Test func aTaskOutlivesItsTransport() async {
    let done = Locked(0)
    for _ in 0..<20 {
      let transport = Locked<CurlTransport?>(CurlTransport(configuration: .init(loops: 1)))
      await withTaskGroup(of: Void.self) { group in
        let loop = transport.withLock { $0!.loops[0] }
        group.addTask(executorPreference: loop) {
          let thread = UInt(pthread_self())
          transport.withLock { $0 = nil }
          for _ in 0..<10 { await Task.yield() }
          #expect(UInt(pthread_self()) == thread)
          done.withLock { $0 += 1 }
        }
      }
    }
    #expect(done.withLock { $0 } == 20)
  }

  static func entries(of directory: String) -> Int {
    guard let handle = opendir(directory) else { return -1 }
    defer { closedir(handle) }
    var count = 0
    while readdir(handle) != nil { count += 1 }
    return count
  }

  /// Other tests run beside this one, so the margin is wide; a leak would show by more than a thousand.
  @Test func leavesNoThreadsAndNoDescriptors() async {
    let server = TestServer(TestServer.echo)
    let before = (threads: Self.entries(of: "/proc/self/task"), descriptors: Self.entries(of: "/proc/self/fd"))
    for round in 0..<300 {
      let transport = CurlTransport(configuration: .init(loops: 2))
      #expect(await transport.outcomes(4, at: server.origin) == CurlTransportTests.echoes(4))
      if round % 2 == 0 { await transport.shutdown() }
    }
    #expect(await eventually { server.open == 0 })
    #expect(Self.entries(of: "/proc/self/task") - before.threads < 300)
    #expect(Self.entries(of: "/proc/self/fd") - before.descriptors < 600)
  }
}
