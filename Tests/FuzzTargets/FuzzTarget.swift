import Glibc

/// Something that takes bytes from outside: whatever they are, it must neither trap nor disagree with itself.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable ([UInt8]) -> Void

  static let all = codec + languages + files

  /// The one that `DUALTABLE_FUZZ_TARGET` names.
  static let chosen: FuzzTarget = {
    let name = unsafe getenv("DUALTABLE_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = all.first(where: { $0.name == name }) else {
      preconditionFailure("DUALTABLE_FUZZ_TARGET is one of \(all.map(\.name).joined(separator: ", "))")
    }
    return target
  }()
}

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
