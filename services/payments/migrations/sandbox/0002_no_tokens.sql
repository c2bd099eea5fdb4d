-- What a token does is known when it is used; nobody needs it afterwards.
ALTER TABLE charges DROP COLUMN token;
