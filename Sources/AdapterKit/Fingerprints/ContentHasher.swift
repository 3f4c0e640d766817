import CLibCrypto

/// SHA-256 over pieces, with one context for all digests: the lookup of the algorithm costs more than a short digest.
final class ContentHasher {
    private let context: OpaquePointer
    private let algorithm: OpaquePointer
    private let gathered = UnsafeMutableRawPointer.allocate(byteCount: ContentHasher.capacity, alignment: 8)
    private var used = 0

    private static let capacity = 4096

    init() throws(AdapterError) {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new() else {
            throw AdapterError(.internal, "SHA-256 is not available in libcrypto.")
        }
        self.algorithm = algorithm
        self.context = context
        guard EVP_DigestInit_ex2(context, algorithm, nil) == 1 else { throw AdapterError(.internal, "SHA-256 is not available in libcrypto.") }
    }

    deinit {
        gathered.deallocate()
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    func begin() {
        used = 0
        // Of the algorithm that it has: to name it again costs as much as hashing a short row.
        _ = EVP_DigestInit_ex2(context, nil, nil)
    }

    /// Short pieces are gathered: a call to libcrypto costs more than hashing them.
    @inline(__always)
    func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        if used + bytes.count > Self.capacity {
            flush()
            if bytes.count > Self.capacity {
                _ = EVP_DigestUpdate(context, start, bytes.count)
                return
            }
        }
        gathered.advanced(by: used).copyMemory(from: start, byteCount: bytes.count)
        used += bytes.count
    }

    private func flush() {
        if used > 0 { _ = EVP_DigestUpdate(context, gathered, used) }
        used = 0
    }

    func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    /// The text's bytes after their number, so that "a","bc" and "ab","c" differ.
    func addCounted(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            add(Int64(bytes.count))
            add(UnsafeRawBufferPointer(bytes))
        }
    }

    func add(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { add($0) } }

    /// The digest's 32 bytes as four numbers, in the machine's order of bytes read little-endian.
    func finish() -> (UInt64, UInt64, UInt64, UInt64) {
        flush()
        var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &digest) { bytes in
            _ = EVP_DigestFinal_ex(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        return (UInt64(littleEndian: digest.0), UInt64(littleEndian: digest.1), UInt64(littleEndian: digest.2), UInt64(littleEndian: digest.3))
    }

    /// The digest's 32 bytes.
    func finishBytes() -> [UInt8] {
        let digest = finish()
        return [digest.0, digest.1, digest.2, digest.3].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }
}
