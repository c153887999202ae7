import CLibcrypto

/// SHA-256 of `bytes` in hexadecimal.
func sha256Hex(_ bytes: Span<UInt8>) -> String {
  var digest = [UInt8](repeating: 0, count: 32)
  let done = unsafe bytes.withUnsafeBufferPointer { input in
    unsafe EVP_Digest(input.baseAddress, input.count, &digest, nil, EVP_sha256(), nil)
  }
  precondition(done == 1, "libcrypto has SHA-256")
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
