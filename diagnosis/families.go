package diagnosis

// families is the table of the tables of rules, in the order of docs/diagnoses.md. A new rule is one line of its family.
func families() []family {
	return []family{
		{"assertion: lifetime", []Rule{expiredAssertion(), reusedAssertion(), midnightExpiry(), distantExpiry(), oddNumbers()}},
		{"assertion: claims", []Rule{wrongClient(), emailSubject(), replayedID(), missingID()}},
		{"assertion: audience", []Rule{wrongAudience(), otherDeployment(), audienceList(), almostAudience(), issuerAudience()}},
		{"assertion: shape", []Rule{malformedAssertion(), silentAnswer(), doublyEncoded(), strangeCharacters()}},
		{"clock", []Rule{clockSkew(), notYetValid()}},
		{"keys: use", []Rule{decodedSecret(), wrongKeyID(), unknownKey(), wrongAlgorithm(), wrongPadding(), otherKeyPair()}},
		{"keys: files", []Rule{publicKeyGiven(), damagedPEM(), mislabelledPEM(), lockedKey()}},
		{"token request", []Rule{mixedFlows(), inventedGrant(), notAForm(), misplacedAssertion(), unfilledVariable()}},
		{"client credentials", []Rule{brokenBasic(), basicEncoding(), untidySecret(), twoAuthentications(), lostPlus()}},
		{"access tokens", []Rule{assertionAsToken(), expiredToken(), misshapenHeader(), unexpectedType(), wantsNonce(), staleToken(), endedEarly()}},
		{"signatures and challenges", []Rule{refusedCredentials()}},
		{"token life", []Rule{lifeInMilliseconds(), lifeInSeconds(), oddLife()}},
		{"refresh tokens", []Rule{noRefreshToken(), reusedRefreshToken(), racingRefresh(), refreshAddress()}},
		{"scope", []Rule{narrowedScope(), refusedScope(), missingScope()}},
		{"authorization code", []Rule{brokenPKCE(), foreignState(), launchAudience()}},
		{"answers", []Rule{htmlAnswer(), redirectedToken(), noTokenEndpoint(), silentFHIR(), throttled(), tokenServerDown(), wrongAccept(), ignoredSearch()}},
		{"transport", []Rule{proxyRefusal(), untrustedTLS(), wrongScheme(), clientCertificate(), brokenConnection()}},
		{"files", []Rule{misspelledHeader(), exposedSecret()}},
	}
}
