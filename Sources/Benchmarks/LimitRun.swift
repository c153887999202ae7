internal import CLimit

/// The limit, in a process of its own.
enum LimitRun {
  /// The child's side.
  static func main(_ arguments: [String]) throws(Failure) {
    guard arguments.count == 6, let port = UInt16(arguments[0]), let threads = UInt32(arguments[1]),
      let connections = UInt32(arguments[2]), let items = UInt64(arguments[3])
    else { throw Failure("limit takes: port threads connections items operation body") }
    let (operation, body) = (arguments[4], arguments[5])
    guard let offset = Workload.digitsOffset(in: body) else { throw Failure("the limit's body holds no id") }
    let result = operation.withCString { operation in
      body.withCString { body in
        Workload.region.withCString { region in
          Workload.accessKeyID.withCString { accessKey in
            Workload.secretAccessKey.withCString { secretKey in
              var config = limit_config(
                port: port, threads: threads, connections: connections, items: items, operation: operation, body: body,
                id_offset: offset, id_digits: UInt32(Workload.idDigits), region: region, access_key: accessKey, secret_key: secretKey)
              return limit_run(&config)
            }
          }
        }
      }
    }
    var error = result.error
    let cause = withUnsafeBytes(of: &error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    try Workload.report(seconds: result.seconds, error: cause.isEmpty ? nil : cause)
  }
}
