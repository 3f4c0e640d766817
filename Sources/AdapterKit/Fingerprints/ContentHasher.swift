import CLibCrypto

/// SHA-256 over pieces, with one context for all digests: the lookup of the algorithm costs more than a short digest.
final class ContentHasher {
    private let context: OpaquePointer
    private let algorithm: OpaquePointer

    init() throws(AdapterError) {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new() else {
            throw AdapterError(.internal, "SHA-256 is not available in libcrypto.")
        }
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    func begin() { _ = EVP_DigestInit_ex(context, algorithm, nil) }

    func add(_ bytes: UnsafeRawBufferPointer) { _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

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
