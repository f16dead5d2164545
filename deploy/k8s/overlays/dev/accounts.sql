-- Two stores and two people, alice (alice-demo) and bob (bob-demo). Who has no store gets the emptier one at the first login.
-- uid and gid 0: mail belongs to whom storesvc runs as.
INSERT INTO stores (name) VALUES ('storesvc-0'), ('storesvc-1');
INSERT INTO passwd (id, crypt, uid, gid, home) VALUES
	('alice', '{CRYPT}$6$posthouseDemoA$OinnVEFo1586m/PXHm2qmm2kQjLdFeFAiGAlT.EPpuk7qgj9GV6kpVfs0BncnnbACrKWKBl4g60SON/w1pb4I1',
	 0, 0, '/var/mail/posthouse/alice'),
	('bob', '{CRYPT}$6$posthouseDemoB$qjJmdXbk3YSfNYNlVQptx2F8sbviWfry57B55jEQ4zX0EECBoRHNX2yHVwFzH/u2Q75LoEb/gCg/rY4moWOiX1',
	 0, 0, '/var/mail/posthouse/bob');
