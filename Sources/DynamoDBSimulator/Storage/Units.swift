/// Capacity units as the service counts them.
enum Units {
  /// Of a write of so many bytes.
  static func write(_ bytes: Int) -> Double { Double(max(1, (bytes + 1_023) / 1_024)) }

  /// Of a read of so many bytes.
  static func read(_ bytes: Int, isConsistent: Bool) -> Double {
    Double(max(1, (bytes + 4_095) / 4_096)) * (isConsistent ? 1 : 0.5)
  }
}
