internal import CNullServer
internal import Glibc

/// The null server in a process of its own.
struct NullServer: ~Copyable {
  /// How it answers.
  struct Options {
    var items: Int
    /// NEW holds every item already, as on a second pass.
    var migrated = false
    /// Microseconds that each answer waits.
    var latency = 0
    /// Whether answers carry x-amz-crc32, as the service's do.
    var crc = true
    /// 0 for any.
    var port = 0
    /// Where to write the certificate that clients are to trust, for TLS; empty for plain HTTP.
    var certificate = ""

    var arguments: [String] {
      ["serve", "\(items)", "\(migrated)", "\(latency)", "\(crc)", "\(port)", certificate]
    }

    init(items: Int) { self.items = items }

    init(arguments: [String]) throws(Failure) {
      guard arguments.count == 6, let items = Int(arguments[0]), let migrated = Bool(arguments[1]), let latency = Int(arguments[2]),
        let crc = Bool(arguments[3]), let port = Int(arguments[4])
      else { throw Failure("serve takes: items migrated latency crc port certificate") }
      self.init(items: items)
      (self.migrated, self.latency, self.crc, self.port, self.certificate) = (migrated, latency, crc, port, arguments[5])
    }
  }

  let port: Int
  private let process: ChildProcess

  init(_ options: Options) throws(Failure) {
    let process = try ChildProcess(options.arguments)
    guard let port = Int(process.readLine()) else { throw Failure("the null server didn't start") }
    self.process = process
    self.port = port
  }

  /// Ends the server and hands back what it counted.
  consuming func finish() throws(Failure) -> Fields {
    Fields(try process.finish())
  }

  /// The child's side: serves until standard input ends.
  static func serve(_ options: Options) throws(Failure) {
    let newItem = try Workload.convertedItem()
    let server = try start(options, newItem: newItem)
    Terminal.write("\(null_server_port(server))\n")
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) > 0 {}
    let report = null_server_stop(server)
    var fields = Fields()
    fields.set("puts", report.puts)
    fields.set("refused", report.refused)
    fields.set("duplicates", report.duplicates)
    fields.set("strangers", report.strangers)
    fields.set("missing", report.missing)
    fields.set("scans", report.scans)
    fields.set("gets", report.gets)
    fields.set("connections", report.connections)
    fields.set("cpu", try Usage.current().seconds)
    if let put = report.first_put {
      fields.set("put", String(cString: put))
      free(put)
    }
    Terminal.write(fields.text)
  }

  private static func start(_ options: Options, newItem: String) throws(Failure) -> OpaquePointer {
    var error: UnsafePointer<CChar>?
    let server = Workload.oldTable.withCString { oldTable in
      Workload.newTable.withCString { newTable in
        Workload.item.withCString { oldItem in
          newItem.withCString { newItem in
            var config = null_server_config()
            config.items = UInt64(options.items)
            config.old_table = oldTable
            config.new_table = newTable
            config.old_item = oldItem
            config.new_item = newItem
            config.migrated = options.migrated
            config.no_crc = !options.crc
            config.latency = UInt32(options.latency)
            config.port = UInt16(options.port)
            return options.certificate.withCString { certificate in
              config.certificate = options.certificate.isEmpty ? nil : certificate
              return null_server_start(&config, &error)
            }
          }
        }
      }
    }
    guard let server = server else { throw Failure("the null server: \(error.map { String(cString: $0) } ?? "")") }
    return server
  }
}
