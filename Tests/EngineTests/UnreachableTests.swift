import AWSAuth
import DynamoDBClient
import DynamoDBModel
import Glibc
import Testing

/// Endpoints that aren't there; needs no engine.
@Suite(.timeLimit(.minutes(1))) struct UnreachableTests {
  private func client(_ url: String) throws -> DynamoDBClient {
    DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: url),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"))))
  }

  @Test func nothingListens() async throws {
    let port = try Listener()
    let url = "http://127.0.0.1:\(port.number)"
    port.close()
    let client = try client(url)
    let error = await failure { () throws(DynamoDBError) in
      try await client.putItem(PutItemInput(tableName: "t", item: ["id": .string("a")]))
    }
    #expect(error?.code == .cannotConnect && error?.attempts == 4 && error?.outcomeUnknown == false && error?.mayHaveArrived == false)
    await client.shutdown()
  }

  @Test func afterShutdown() async throws {
    let client = try client("http://127.0.0.1:9")
    await client.shutdown()
    let error = await failure { () throws(DynamoDBError) in try await client.getItem(GetItemInput(tableName: "t", key: [:])) }
    #expect(error?.code == .closed && error?.attempts == 1)
  }

  /// A server that takes connections and never answers: a cancelled call ends at once all the same.
  @Test func cancelledInFlight() async throws {
    let port = try Listener()
    let client = try client("http://127.0.0.1:\(port.number)")
    let error = await withTaskGroup { group in
      group.addTask {
        await failure { () throws(DynamoDBError) in
          try await client.putItem(PutItemInput(tableName: "t", item: ["id": .string("a")]))
        }
      }
      port.accept()
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(error?.code == .cancelled && error?.attempts == 1)
    await client.shutdown()
    port.close()
  }
}

/// A socket that listens on a free port of loopback.
private struct Listener {
  let number: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    try withUnsafeMutablePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        try #require(unsafe bind(descriptor, pointer, length) == 0 && listen(descriptor, 8) == 0)
        try #require(unsafe getsockname(descriptor, pointer, &length) == 0)
      }
    }
    number = UInt16(bigEndian: address.sin_port)
  }

  /// Waits for a connection, and keeps it to the end of the process.
  func accept() { _ = Glibc.accept(descriptor, nil, nil) }

  func close() { _ = Glibc.close(descriptor) }
}
