import CLimit
import CNullServer
import Glibc
import Testing

@testable import Benchmarks

@Suite struct NullServerTests {
  private static let items = 5_000
  private static let put =
    #"{"TableName":"\#(Workload.newTable)","Item":\#(Workload.item),"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#

  private static func serve(
    migrated: Bool = false, latency: UInt32 = 0, certificate: String? = nil, _ body: (UInt16) throws -> Void
  ) throws -> null_server_report {
    var error: UnsafePointer<CChar>?
    let server = try Workload.oldTable.withCString { oldTable in
      try Workload.newTable.withCString { newTable in
        try Workload.item.withCString { item in
          try (certificate ?? "").withCString { path in
            var config = null_server_config(
              items: UInt64(items), old_table: oldTable, new_table: newTable, old_item: item, new_item: item, migrated: migrated,
              no_crc: false, latency: latency, port: 0, certificate: certificate == nil ? nil : path)
            return try #require(null_server_start(&config, &error))
          }
        }
      }
    }
    try body(null_server_port(server))
    return null_server_stop(server)
  }

  private static func limit(
    _ port: UInt16, threads: UInt32, items: Int = items, body: String = put, isBatch: Bool = false, multi: Bool = false,
    certificate: String = ""
  ) throws -> limit_result {
    var job = PutJob(items: items, isBatch: isBatch)
    (job.port, job.threads, job.connections, job.body) = (Int(port), Int(threads), 8, body)
    job.certificate = certificate
    return try LimitRun.run(job, multi: multi)
  }

  @Test(arguments: [1, 2], [0, 300] as [UInt32])
  func `each put of the limit arrives once`(threads: UInt32, latency: UInt32) throws {
    let report = try Self.serve(latency: latency) { port in
      let result = try Self.limit(port, threads: threads)
      #expect(result.accepted == UInt64(Self.items) && result.refused == 0 && result.error.0 == 0)
    }
    defer { free(report.first_put) }
    #expect(report.puts == UInt64(Self.items) && report.connections == 8)
    #expect(report.missing == 0 && report.duplicates == 0 && report.strangers == 0 && report.refused == 0)
    #expect(report.first_put.map { String(cString: $0) }?.utf8.count == Self.put.utf8.count)
  }

  private static let batch: String = {
    let statement = #"{"Statement":"INSERT INTO \"users-v2\" VALUE {'id':?}","Parameters":[{"S":"\#(Workload.id)"}]}"#
    return #"{"Statements":[\#(Array(repeating: statement, count: 25).joined(separator: ","))]}"#
  }()

  @Test(arguments: [1, 2])
  func `each put of the limit's batches arrives once`(threads: UInt32) throws {
    let report = try Self.serve { port in
      let result = try Self.limit(port, threads: threads, body: Self.batch, isBatch: true)
      #expect(result.accepted == UInt64(Self.items / 25) && result.refused == 0 && result.error.0 == 0)
    }
    defer { free(report.first_put) }
    #expect(report.puts == UInt64(Self.items) && report.missing == 0 && report.duplicates == 0 && report.strangers == 0)
    #expect(report.first_put.map { String(cString: $0) }?.utf8.count == Self.batch.utf8.count)
  }

  @Test(arguments: [false, true])
  func `libcurl's own transfers bring each put once`(isSecure: Bool) throws {
    let directory = try TemporaryDirectory()
    let certificate = isSecure ? "\(directory.path)/certificate.pem" : nil
    let report = try Self.serve(certificate: certificate) { port in
      let result = try Self.limit(port, threads: 1, multi: true, certificate: certificate ?? "")
      #expect(result.accepted == UInt64(Self.items) && result.error.0 == 0)
    }
    free(report.first_put)
    #expect(report.missing == 0 && report.duplicates == 0 && report.strangers == 0 && report.connections == 8)
  }

  @Test(arguments: [false, true])
  func `over TLS each put arrives once, and only where the certificate is trusted`(isBatch: Bool) throws {
    let directory = try TemporaryDirectory()
    let certificate = "\(directory.path)/certificate.pem"
    let report = try Self.serve(certificate: certificate) { port in
      let body = isBatch ? Self.batch : Self.put
      let result = try Self.limit(port, threads: 2, body: body, isBatch: isBatch, certificate: certificate)
      #expect(result.error.0 == 0 && result.refused == 0)
      let stranger = try Self.limit(port, threads: 1, body: body, isBatch: isBatch, certificate: "/etc/hostname")
      #expect(stranger.error.0 != 0 && stranger.accepted == 0)
    }
    free(report.first_put)
    #expect(report.missing == 0 && report.duplicates == 0 && report.strangers == 0)
  }

  @Test func `what came twice, never or by mistake is reported`() throws {
    let report = try Self.serve { port in
      let once = try Self.limit(port, threads: 1, items: 10)
      let twice = try Self.limit(port, threads: 1, items: 4)
      let stranger = try Self.limit(port, threads: 1, items: 1, body: #"{"id":{"S":"not-u-000000000000"}}"#)
      #expect(once.accepted == 10 && twice.refused == 4 && stranger.accepted == 1)
    }
    free(report.first_put)
    #expect(report.duplicates == 4 && report.strangers == 1 && report.missing == UInt64(Self.items - 10))
  }

  @Test func `a second pass is refused throughout`() throws {
    let report = try Self.serve(migrated: true) { port in
      let result = try Self.limit(port, threads: 2)
      #expect(result.accepted == 0 && result.refused == UInt64(Self.items))
    }
    free(report.first_put)
    #expect(report.refused == UInt64(Self.items) && report.duplicates == 0)
  }

  @Test(arguments: [(1, 1, 1), (1, 4, 3), (2, 6, 7), (2, 2, 1)] as [(UInt32, UInt32, UInt32)])
  func `the limit pulls every page of both tables once`(threads: UInt32, connections: UInt32, segments: UInt32) throws {
    let report = try Self.serve(migrated: true) { port in
      let result = Workload.oldTable.withCString { old in
        Workload.newTable.withCString { new in
          "us-east-1".withCString { region in
            var config = limit_pull_config(
              port: port, threads: threads, connections: connections, segments: segments, tables: (old, new), region: region,
              access_key: region, secret_key: region)
            return limit_pull(&config)
          }
        }
      }
      #expect(result.items == UInt64(2 * Self.items) && result.error.0 == 0)
    }
    #expect(report.scans >= UInt64(2 * segments) && report.connections == UInt64(connections))
  }

  @Test func `an item has the bytes that the figures name`() {
    #expect(Workload.item.utf8.count == Workload.itemBytes)
  }
}
