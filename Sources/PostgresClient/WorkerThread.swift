#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Threads for blocking calls: a connection belongs to one thread, and none of them may block those that Swift's tasks share.
package enum WorkerThread {
    /// Starts one. Throws `transient` where the system has no thread to give, as under a memory limit: Foundation's `Thread` says nothing of it, and
    /// whoever waits for such a thread waits for ever.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(PostgresError) {
        final class Work: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let work = Unmanaged.passRetained(Work(body))
        #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { pointer in
            if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, work.toOpaque())
        #else
        var thread: pthread_t?
        let code = pthread_create(&thread, &attributes, { pointer in
            Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
        #endif
        guard code != 0 else { return }
        work.release()
        throw PostgresError(
            kind: .transient, message: "The system gives no thread to work with: \(String(cString: strerror(code))).", operation: "starting a thread")
    }
}
