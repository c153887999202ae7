internal import CLimit

/// The limit, in a process of its own.
enum LimitRun {
  /// The child's side.
  ///
  /// - Parameter multi: by libcurl's own transfers.
  static func main(_ arguments: [String], multi: Bool = false) throws(Failure) {
    let job = try PutJob(arguments: arguments)
    let result = try run(job, multi: multi)
    var error = result.error
    let cause = withUnsafeBytes(of: &error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    try Workload.report(seconds: result.seconds, error: cause.isEmpty ? nil : cause)
  }

  /// Sends what `job` says.
  static func run(_ job: PutJob, multi: Bool = false) throws(Failure) -> limit_result {
    let offsets = Workload.digitsOffsets(in: job.body)
    guard !offsets.isEmpty else { throw Failure("the limit's body holds no id") }
    return job.operation.withCString { operation in
      job.body.withCString { body in
        Workload.region.withCString { region in
          Workload.accessKeyID.withCString { accessKey in
            Workload.secretAccessKey.withCString { secretKey in
              job.certificate.withCString { certificate in
                offsets.withUnsafeBufferPointer { offsets in
                  var config = limit_config(
                    port: UInt16(job.port), threads: UInt32(job.threads), connections: UInt32(job.connections), items: UInt64(job.items),
                    operation: operation, body: body, id_offsets: offsets.baseAddress, ids: UInt32(offsets.count),
                    id_digits: UInt32(Workload.idDigits), certificates: job.certificate.isEmpty ? nil : certificate, region: region,
                    access_key: accessKey, secret_key: secretKey)
                  return multi ? limit_run_multi(&config) : limit_run(&config)
                }
              }
            }
          }
        }
      }
    }
  }
}
