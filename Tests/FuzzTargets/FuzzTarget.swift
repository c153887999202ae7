import Glibc

/// Something that takes bytes from outside: whatever they are, it must neither trap nor disagree with itself.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable ([UInt8]) -> Void

  static let all = codec + languages + files + state

  /// The one that `DUALTABLE_FUZZ_TARGET` names.
  static let chosen: FuzzTarget = {
    let name = unsafe getenv("DUALTABLE_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = (all + [canary]).first(where: { $0.name == name }) else {
      preconditionFailure("DUALTABLE_FUZZ_TARGET is one of \(all.map(\.name).joined(separator: ", "))")
    }
    return target
  }()

  /// Fails as its input says, for `Tests/fuzz --check`: whoever looks for failures must see each kind of them.
  private static let canary = FuzzTarget(name: "canary") { bytes in
    switch String(decoding: bytes, as: UTF8.self) {
    case "crash": preconditionFailure("as it was told")
    case "hang": while true { usleep(1_000) }
    case "memory":
      var held: [[UInt8]] = []
      while true { held.append([UInt8](repeating: UInt8(held.count & 0xFF), count: 16 << 20)) }
    default: break
    }
  }
}

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
