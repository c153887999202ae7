/// What one loop is told: the transport's configuration, divided.
struct LoopSettings {
  var pool: ConnectionPool.Limits
  var longestAnswer: Int
  var keepAlive: Nanoseconds
  var proxies: ProxySettings
  var gauge: ConnectionGauge?
}
