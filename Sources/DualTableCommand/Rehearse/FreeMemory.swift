/// Memory that a process of this machine, or of its container, may still take.
enum FreeMemory {
  /// In bytes; nil where the system doesn't say.
  ///
  /// - Parameter read: gives a file of the machine's, nil where there is none.
  static func bytes(_ read: (String) -> [UInt8]? = { try? Surroundings.readFile($0) }) -> Int? {
    func text(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }
    func number(_ path: String) -> Int? { text(path).flatMap { Int($0.prefix { $0.isNumber }) } }
    let line = text("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let machine = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    // "max" where the container has no limit of its own.
    let container = number("/sys/fs/cgroup/memory.max").map { max(0, $0 - (number("/sys/fs/cgroup/memory.current") ?? 0)) }
    return [machine, container].compactMap { $0 }.min()
  }
}
