import CLibCrypto

/// SHA-256 (FIPS 180-4) by libcrypto.
package enum SHA256 {
    /// The digest's 32 bytes.
    package static func digest(_ bytes: some ContiguousBytesSource) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        bytes.withBytes { _ = EVP_Q_digest(nil, "SHA256", nil, $0.baseAddress, $0.count, &digest, nil) }
        return digest
    }
}

/// What can lend its bytes.
package protocol ContiguousBytesSource {
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void)
}

extension [UInt8]: ContiguousBytesSource {
    package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { withUnsafeBytes(body) }
}

extension UnsafeRawBufferPointer: ContiguousBytesSource {
    package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { body(self) }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
