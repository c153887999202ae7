internal import CLibcurl
internal import Glibc

/// Starts a thread that runs `body` and takes no signals: those are for the program's own threads.
///
/// - Parameter name: as debuggers and `top -H` show it; 15 characters at most.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> pthread_t {
  final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }
  }
  var (all, before) = (sigset_t(), sigset_t())
  unsafe sigfillset(&all)
  unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
  var thread = pthread_t()
  let error = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
      clibcurl_name_thread(start.name)
      start.body()
      return nil
    }, Unmanaged.passRetained(Start(name, body)).toOpaque())
  unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  precondition(error == 0, "no thread left for connections")
  return thread
}
